import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isPostgresUrl } from "#db/connect.ts";
import { fileOf } from "#db/sqlite.ts";
import { type Auth, createAuth } from "#server/access/auth.ts";
import type { Config } from "#server/config.ts";
import { Connections } from "#server/connections/connections.ts";
import type { Source } from "#domain/event.ts";
import { RequestError } from "#server/errors.ts";
import { openContext } from "#server/open-context.ts";
import type { Portal } from "#server/portal-context.ts";
import type { Said } from "./say.ts";

/** Who the ledger names for what a command did. */
export const commandLine: Source = { kind: "operator", name: "command line" };

/** What a command needs beside the database that the server has. */
export interface Needs {
  /** Makes the database where there is none: for the commands that a new portal begins with. */
  makesDatabase?: true;
  /** Opens the secrets of connections, for which it has to know APP_SECRET. Others see no connection. */
  opensSecrets?: true;
}

/** Runs one command on an open portal and prints what it says. */
export type Run = (work: (portal: Portal) => Promise<Said>, needs?: Needs) => Promise<void>;

/**
 * Opens the database beside a running server, migrates it, does the work and closes. The server finds
 * what became due within seconds by itself, so nothing is woken here. Throws RequestError 404 where no
 * database is: a command in the wrong folder would otherwise look at a new and empty one, and find all well.
 */
export async function withPortal<Result>(
  config: Config,
  work: (portal: Portal) => Promise<Result>,
  { makesDatabase, opensSecrets }: Needs = {},
): Promise<Result> {
  if (!makesDatabase) requireDatabase(config);
  const { context, close } = await openContext(config);
  try {
    const connections = new Connections(context);
    if (opensSecrets) await connections.load();
    let auth: Auth | undefined;
    try {
      return await work({
        ...context,
        // Made when first asked for: most commands sign nobody in.
        get auth() {
          return (auth ??= createAuth(context));
        },
        connections,
        wakeOutbox: () => {},
        wakeProcess: () => {},
      });
    } finally {
      await connections.close();
    }
  } finally {
    await close();
  }
}

function requireDatabase({ databaseUrl }: Config): void {
  if (isPostgresUrl(databaseUrl)) return;
  const file = resolve(fileOf(databaseUrl));
  if (existsSync(file)) return;
  throw new RequestError(
    404,
    `There is no database at ${file}: give this command the DATA_DIR or DATABASE_URL of the server. ` +
      "A new portal begins with `staff add`, or with its first start",
  );
}
