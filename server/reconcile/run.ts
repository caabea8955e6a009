import { everDelivered } from "#db/queries/connections.ts";
import { findRun, leaseCursor, updateCursor, ensureCursor } from "#db/queries/reconcile.ts";
import type { ReconcileCursorRow, ReconcileRunRow } from "#db/schema/connections.ts";
import type { Connection } from "#server/connections/connections.ts";
import type { Context } from "#server/context.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import { beginRun, endRun, failRun } from "./progress.ts";
import { readPage } from "./read-page.ts";

/** Before everything that a system could tell of. */
const beginning = "1970-01-01T00:00:00.000Z";
const leaseMs = 5 * 60_000;

/** What a run needs of the server. */
export interface Reconciling extends Context {
  connections: { get(id: string): Connection | undefined };
}

interface Pace {
  /** Whether it is read although its time has not come. */
  anyTime: boolean;
  /** Asked after each page: true ends it here, and the next call goes on. */
  givesWay?: () => boolean;
}

/**
 * Reads what changed at a connection since the last run, page by page, and records what the ledger
 * does not have so. Where it stopped, be it by a fault or with the process, the next call goes on.
 * Gives the run; null when there is nothing to ask, when somebody else is reading, or before its time.
 */
export async function reconcile(
  context: Reconciling,
  id: string,
  { anyTime, givesWay = () => false }: Pace,
): Promise<ReconcileRunRow | null> {
  const connection = context.connections.get(id);
  const { writer, clock } = context;
  if (!connection?.connector.changedSince || connection.pausedAt !== null) return null;
  const now = toInstant(clock());
  await ensureCursor(writer, { connection_id: id, since: beginning, due_at: now });
  const lease = { connection: id, now, until: plusMs(now, leaseMs), anyTime };
  const cursor = await leaseCursor(writer, lease);
  if (!cursor) return null;
  const run = await beginRun(context, cursor);
  try {
    const hears = await everDelivered(context.db, id);
    await readAll(context, connection, { cursor, run, hears, givesWay });
  } catch (error) {
    await failRun(context, { cursor, run, error });
    if (!(error instanceof UpstreamError)) throw error;
  }
  return (await findRun(context.db, run.id)) ?? null;
}

interface Reading extends Required<Pick<Pace, "givesWay">> {
  cursor: ReconcileCursorRow;
  run: ReconcileRunRow;
  hears: boolean;
}

/** Each page is recorded before its place is kept: after a crash it is read again, which changes nothing. */
async function readAll(
  context: Reconciling,
  connection: Connection,
  { cursor, run, hears, givesWay }: Reading,
): Promise<void> {
  const { connector, name } = connection;
  let place = cursor.cursor;
  for (;;) {
    const page = await connector.changedSince?.(cursor.since, place);
    if (!page) return;
    if (page.next !== null && page.next === place) {
      throw new UpstreamError(`${name} gives the same page again and again`, { retryAt: null });
    }
    await readPage(context, connection, { cursor, run, hears, page });
    if (page.next === null) return endRun(context, { connection, cursor, run });
    place = page.next;
    const isOver = givesWay();
    const leased_until = isOver ? null : plusMs(toInstant(context.clock()), leaseMs);
    await updateCursor(context.writer, connection.id, { cursor: place, leased_until });
    if (isOver) return;
  }
}
