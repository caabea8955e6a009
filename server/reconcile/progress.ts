import { insertRun, findRun, updateCursor, updateRun } from "#db/queries/reconcile.ts";
import type { ReconcileCursorRow, ReconcileRunRow } from "#db/schema/connections.ts";
import { clip } from "#domain/text.ts";
import type { Connection } from "#server/connections/connections.ts";
import type { Context } from "#server/context.ts";
import { newId } from "#domain/id.ts";
import { type Instant, plusMs, toInstant } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { enqueueMail } from "#server/ledger/enqueue.ts";

const everyMs = 3_600_000;
const afterFaultMs = 10 * 60_000;
/** Runs overlap by this much: what a system stamps and shows late is seen by the next one. */
const overlapMs = 10 * 60_000;

/** The run that was under way, or a new one. */
export async function beginRun(
  { writer, clock }: Context,
  { connection_id, since, run_id }: ReconcileCursorRow,
): Promise<ReconcileRunRow> {
  const known = run_id === null ? undefined : await findRun(writer, run_id);
  if (known) return known;
  const run = {
    ...{ id: newId("run"), connection_id, since, began_at: toInstant(clock()) },
    ...{ ended_at: null, failed_at: null, error: null, read: 0, differed: 0, rejected: 0 },
  };
  await writer.transaction().execute(async (trx) => {
    await insertRun(trx, run);
    await updateCursor(trx, connection_id, { run_id: run.id, cursor: null });
  });
  return run;
}

interface Running {
  cursor: ReconcileCursorRow;
  run: ReconcileRunRow;
}

/**
 * The next run begins where this one began, by the clock of the system, which may be behind ours, and
 * a little before: so nothing falls between two runs. Finance is told when something had been missed.
 */
export async function endRun(
  context: Context,
  { connection, cursor, run }: Running & { connection: Connection },
): Promise<void> {
  const now = toInstant(context.clock());
  const since = plusMs(run.began_at, -overlapMs - connection.behindMs());
  const events = await context.writer.transaction().execute(async (trx) => {
    await updateRun(trx, run.id, { ended_at: now, failed_at: null, error: null });
    await updateCursor(trx, connection.id, {
      ...{ since, cursor: null, run_id: null, passes: cursor.passes + 1 },
      ...{ due_at: plusMs(now, everyMs), leased_until: null },
    });
    const differed = (await findRun(trx, run.id))?.differed ?? 0;
    if (cursor.passes === 0 || differed === 0) return [];
    const written = await auditIn(trx, context, {
      source: { kind: "scheduler", job: "reconcile" },
      action: "reconciliation_differed",
      subject: connection.id,
      details: { name: connection.name, run: run.id, differed },
    });
    for (const event of written) {
      await enqueueMail(trx, { event, template: "finance_reconciliation" }, now);
    }
    return written;
  });
  context.committed.publish(events);
}

/** Stays where it is: the next call goes on from the page that failed. */
export async function failRun(
  { writer, clock }: Context,
  { cursor, run, error }: Running & { error: unknown },
): Promise<void> {
  const now = toInstant(clock());
  const words = error instanceof Error ? error.message : String(error);
  await updateRun(writer, run.id, { failed_at: now, error: clip(words, 1000) });
  const due_at = later(plusMs(now, afterFaultMs), error);
  await updateCursor(writer, cursor.connection_id, { due_at, leased_until: null });
}

function later(ours: Instant, error: unknown): Instant {
  const theirs = error instanceof UpstreamError ? error.retryAt : undefined;
  return theirs && theirs > ours ? theirs : ours;
}
