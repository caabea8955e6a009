import type { Db } from "#db/connect.ts";
import type { Context } from "#server/context.ts";
import type { EventData, Source } from "#domain/event.ts";
import { auditIn } from "#server/ledger/audit.ts";

type Note = EventData<"audit.recorded"> & { source: Source };

/** What a change of settings or people gives, and how it is written to the ledger. */
export interface Audited<Result> {
  result: Result;
  note: Note;
}

/** Runs a change of settings or people and writes it to the supplier's chain in one transaction. */
export async function audited<Result>(
  context: Context,
  change: (trx: Db) => Promise<Audited<Result>>,
): Promise<Result> {
  const { result, events } = await context.writer.transaction().execute(async (trx) => {
    const { result, note } = await change(trx);
    return { result, events: await auditIn(trx, context, note) };
  });
  context.committed.publish(events);
  return result;
}
