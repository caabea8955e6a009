import type { Db } from "#db/connect.ts";
import { holdDeliveries, markCaused, markProcessed } from "#db/queries/deliveries.ts";
import type { InvoiceRef } from "#server/domain/change.ts";
import type { LedgerEvent } from "#server/domain/event.ts";
import { plusMs, toInstant } from "#server/domain/time.ts";
import type { SystemEntry } from "#server/ledger/entry.ts";
import { recordIn } from "#server/ledger/record.ts";
import type { Metrics } from "#server/metrics.ts";
import type { Portal } from "#server/portal-context.ts";
import { failDelivery } from "./fail-delivery.ts";
import { entryOf, type Parsed } from "./parse-delivery.ts";

/** How long a delivery may take that waits for its system's answers. */
const heldMs = 120_000;

/** A delivery whose system must be asked before it can be recorded. */
export interface Unanswered {
  parsed: Parsed;
  ask: InvoiceRef[];
}

/**
 * Records deliveries in one transaction; when one of them fails, one by one, so that it cannot keep
 * its neighbours from the ledger. Gives those whose system must be asked; they are held meanwhile.
 */
export async function recordBatch(
  portal: Portal,
  metrics: Metrics,
  batch: Parsed[],
): Promise<Unanswered[]> {
  try {
    return await recordTogether(portal, metrics, batch);
  } catch (error) {
    const [only] = batch;
    if (only && batch.length === 1) {
      await failDelivery(portal, metrics, only.row, error);
      return [];
    }
    const unanswered: Unanswered[] = [];
    for (const each of batch) unanswered.push(...(await recordBatch(portal, metrics, [each])));
    return unanswered;
  }
}

async function recordTogether(portal: Portal, metrics: Metrics, batch: Parsed[]) {
  const events: LedgerEvent[] = [];
  const unanswered: Unanswered[] = [];
  await portal.writer.transaction().execute(async (trx) => {
    for (const parsed of batch) {
      const ask = await recordFast(trx, portal, parsed, events);
      if (ask.length > 0) unanswered.push({ parsed, ask });
    }
    const held = unanswered.map(({ parsed }) => parsed.row.id);
    if (held.length > 0) await hold(trx, portal, held);
  });
  portal.committed.publish(events);
  metrics.processed.inc({ result: "recorded" }, batch.length - unanswered.length);
  return unanswered;
}

/** Gives the invoices to ask for; none when the delivery is done. */
async function recordFast(trx: Db, portal: Portal, parsed: Parsed, events: LedgerEvent[]) {
  const canAsk = parsed.connection.connector.fetch !== undefined;
  const thin = parsed.changes.flatMap((change) =>
    change.kind === "fetch" ? [change.invoice] : [],
  );
  if (canAsk && thin.length > 0) return thin;
  const recorded = await recordDelivery(trx, portal, parsed.row.id, entryOf(parsed, !canAsk));
  events.push(...recorded.events);
  return recorded.ask;
}

/** Records one delivery's entry and marks it processed, unless the system must be asked first. */
export async function recordDelivery(trx: Db, portal: Portal, id: number, entry: SystemEntry) {
  const recorded = await recordIn(trx, portal, entry);
  const [first, last] = [recorded.events.at(0), recorded.events.at(-1)];
  if (first && last) await markCaused(trx, { id, first: first.sequence, last: last.sequence });
  if (recorded.ask.length === 0) await markProcessed(trx, { id, at: toInstant(portal.clock()) });
  return recorded;
}

/** Keeps deliveries from coming due while they are being worked on. */
export async function hold(db: Db, { clock }: Portal, ids: number[]): Promise<void> {
  await holdDeliveries(db, ids, plusMs(toInstant(clock()), heldMs));
}
