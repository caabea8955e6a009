import { statement } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import { holdDeliveries, markProcessed } from "#db/queries/deliveries.ts";
import type { InvoiceRef } from "#server/domain/change.ts";
import type { LedgerEvent } from "#server/domain/event.ts";
import { plusMs, toInstant } from "#server/domain/time.ts";
import type { Recorded, SystemEntry } from "#server/ledger/entry.ts";
import { recordIn } from "#server/ledger/record.ts";
import type { Metrics } from "#server/metrics.ts";
import type { Portal } from "#server/portal-context.ts";
import { failDelivery } from "./fail-delivery.ts";
import { entryOf, type Parsed } from "./parse-delivery.ts";
import { isDiskFault } from "./disk-fault.ts";

/** How long a delivery may take that waits for its system's answers. */
const heldMs = 120_000;

/** A delivery whose system must be asked before it can be recorded. */
export interface Unanswered {
  parsed: Parsed;
  ask: InvoiceRef[];
}

/**
 * Records deliveries in one transaction; one that fails is undone alone and tried again later. Gives
 * those whose system must be asked first; they are held meanwhile. Throws when the database fails.
 */
export async function recordBatch(
  portal: Portal,
  metrics: Metrics,
  batch: Parsed[],
): Promise<Unanswered[]> {
  const events: LedgerEvent[] = [];
  const unanswered: Unanswered[] = [];
  await portal.writer.transaction().execute(async (trx) => {
    for (const parsed of batch) {
      try {
        const ask = thinOf(parsed) ?? (await recordFast(trx, portal, parsed, events));
        if (ask.length > 0) unanswered.push({ parsed, ask });
        else metrics.processed.inc({ result: "recorded" });
      } catch (error) {
        // The whole batch waits for the disk; none of it is to blame.
        if (isDiskFault(error)) throw error;
        await failDelivery({ ...portal, writer: trx }, metrics, parsed.row, error);
      }
    }
    const held = unanswered.map(({ parsed }) => parsed.row.id);
    if (held.length > 0) await hold(trx, portal, held);
  });
  portal.committed.publish(events);
  return unanswered;
}

/** The invoices of a thin webhook, when its system can be asked about them. */
function thinOf({ connection, changes }: Parsed): InvoiceRef[] | undefined {
  if (connection.connector.fetch === undefined) return undefined;
  const thin = changes.flatMap((change) => (change.kind === "fetch" ? [change.invoice] : []));
  return thin.length > 0 ? thin : undefined;
}

async function recordFast(trx: Db, portal: Portal, parsed: Parsed, events: LedgerEvent[]) {
  const asked = parsed.connection.connector.fetch === undefined;
  const recorded = await recordDelivery(trx, portal, parsed.row.id, entryOf(parsed, asked));
  events.push(...recorded.events);
  return recorded.ask;
}

const savepoint = statement("savepoint delivery");
const undo = statement("rollback to savepoint delivery");
const release = statement("release savepoint delivery");

/** Records one delivery's entry and marks it processed; writes nothing when it fails or must ask first. */
export async function recordDelivery(
  trx: Db,
  portal: Portal,
  id: number,
  entry: SystemEntry,
): Promise<Recorded> {
  await savepoint(trx);
  try {
    const recorded = await recordIn(trx, portal, entry);
    if (recorded.ask.length > 0) await undo(trx);
    else await markDone(trx, portal, id, recorded.events);
    return recorded;
  } catch (error) {
    await undo(trx);
    throw error;
  } finally {
    await release(trx);
  }
}

async function markDone(trx: Db, { clock }: Portal, id: number, events: LedgerEvent[]) {
  const first = events.at(0)?.sequence ?? null;
  const last = events.at(-1)?.sequence ?? null;
  await markProcessed(trx, { id, at: toInstant(clock()), first, last });
}

/** Keeps deliveries from coming due while they are being worked on. */
export async function hold(db: Db, { clock }: Portal, ids: number[]): Promise<void> {
  await holdDeliveries(db, ids, plusMs(toInstant(clock()), heldMs));
}
