import type { ServerResponse } from "node:http";
import { isMigrated } from "#db/migrate.ts";
import type { Context } from "#server/context.ts";
import { answer } from "./web-request.ts";

/** The process runs and its event loop turns. */
export function answerHealth(outgoing: ServerResponse): void {
  answer(outgoing, 200, "ok", { "cache-control": "no-store" });
}

/** The database answers and is of this version. Never the mail server or a system: they may be down. */
export async function answerReady(context: Context, outgoing: ServerResponse): Promise<void> {
  const fault = await databaseFault(context);
  const headers = { "cache-control": "no-store", ...(fault && { "retry-after": "5" }) };
  answer(outgoing, fault ? 503 : 200, fault ?? "ready", headers);
}

async function databaseFault({ db, log }: Context): Promise<string | undefined> {
  try {
    return (await isMigrated(db)) ? undefined : "the database has not been migrated";
  } catch (error) {
    log.error({ err: error }, "the database does not answer");
    return "the database does not answer";
  }
}
