import { statement } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import { isDatabaseFault } from "#db/fault.ts";
import { holdDeliveries, markProcessed, stillDue } from "#db/queries/deliveries.ts";
import { forgetRejections } from "#db/queries/rejections.ts";
import type { InvoiceRef } from "#domain/change.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import type { Recorded, SystemEntry } from "#server/ledger/entry.ts";
import { forgetHead, keepHead } from "#server/ledger/append.ts";
import { recordApart } from "#server/ledger/record-apart.ts";
import { recordIn } from "#server/ledger/record.ts";
import type { Rejected } from "#server/connectors/contract.ts";
import { failDelivery } from "./fail-delivery.ts";
import { rejectedInvoice } from "./fetch-invoice.ts";
import { keepRejections } from "./keep-rejections.ts";
import { noteSequence } from "./note-sequence.ts";
import { entryOf, type ParsedDelivery } from "./parse-delivery.ts";
import type { ProcessPortal } from "./process.ts";
import type { CountOutcome } from "./process-messages.ts";

/** How long a delivery may take that waits for its system's answers. */
const heldMs = 120_000;

/** A delivery whose system must be asked before it can be recorded. */
export interface Unanswered {
  parsed: ParsedDelivery;
  ask: InvoiceRef[];
}

/** What became of a batch. */
export interface RecordedBatch {
  events: LedgerEvent[];
  /** Deliveries whose system must be asked first; they are held meanwhile. */
  unanswered: Unanswered[];
  /** Deliveries that are in the ledger. */
  done: number;
}

/**
 * Records deliveries in one transaction. When one fails, all are recorded anew, each so that it can be
 * undone alone, and the failed one is tried again later: guarding costs, and failures are rare. The
 * caller waits for `synced` before telling anybody. Throws when the database fails.
 */
export async function recordBatch(
  portal: ProcessPortal,
  count: CountOutcome,
  batch: ParsedDelivery[],
): Promise<RecordedBatch> {
  return recordAll(portal, batch, recordDelivery).catch((error: unknown) => {
    // The whole batch waits for the database; none of it is to blame.
    if (isDatabaseFault(error)) throw error;
    return recordAll(portal, batch, guardedBy(count));
  });
}

type RecordOne = typeof recordDelivery;

async function recordAll(
  portal: ProcessPortal,
  batch: ParsedDelivery[],
  recordOne: RecordOne,
): Promise<RecordedBatch> {
  return portal.unsynced.transaction().execute(async (trx) => {
    const isGuarded = recordOne !== recordDelivery;
    const writeHead = isGuarded ? undefined : await keepHead(trx);
    const events: LedgerEvent[] = [];
    const unanswered: Unanswered[] = [];
    let done = 0;
    const ids = batch.map(({ row }) => row.id);
    const due = await stillDue(trx, ids, toInstant(portal.clock()));
    for (const parsed of batch.filter(({ row }) => due.has(row.id))) {
      if (parsed.connection.connector.app?.sequence) await noteSequence(trx, portal, parsed);
      const recorded = await recordFast(trx, portal, { parsed, recordOne });
      events.push(...recorded.events);
      if (recorded.ask.length > 0) unanswered.push({ parsed, ask: recorded.ask });
      else if (!recorded.failed) done += 1;
    }
    const held = unanswered.map(({ parsed }) => parsed.row.id);
    if (held.length > 0) await hold(trx, portal, held);
    await writeHead?.();
    return { events, unanswered, done };
  });
}

/** The invoices that need more than the delivery: thin ones, and those that an app hands to organisations. */
function thinOf({ connection, changes }: ParsedDelivery): InvoiceRef[] | undefined {
  if (connection.connector.app && changes.length > 0) return changes.map(({ invoice }) => invoice);
  if (connection.connector.fetch === undefined) return undefined;
  const thin = changes.flatMap((change) => (change.kind === "fetch" ? [change.invoice] : []));
  return thin.length > 0 ? thin : undefined;
}

async function recordFast(
  trx: Db,
  portal: ProcessPortal,
  { parsed, recordOne }: { parsed: ParsedDelivery; recordOne: RecordOne },
): Promise<RecordedDelivery> {
  const ask = thinOf(parsed);
  if (ask) return { events: [], ask };
  const asked = parsed.connection.connector.fetch === undefined;
  return recordOne(trx, portal, parsed, entryOf(parsed, asked));
}

interface RecordedDelivery extends Recorded {
  failed?: true;
}

/** Records one delivery's entry and marks it processed; writes nothing of it when it must ask first. */
export async function recordDelivery(
  trx: Db,
  portal: ProcessPortal,
  parsed: ParsedDelivery,
  entry: SystemEntry,
): Promise<RecordedDelivery> {
  const recorded = await recordIn(trx, portal, entry);
  if (recorded.ask.length === 0) {
    await markDone(trx, portal, { parsed, events: recorded.events, rejected: parsed.rejected });
  }
  return recorded;
}

/** As `recordDelivery`; an invoice that cannot be recorded does not keep the delivery's others out. */
export async function recordDeliveryApart(
  trx: Db,
  portal: ProcessPortal,
  parsed: ParsedDelivery,
  entry: SystemEntry,
): Promise<RecordedDelivery> {
  const { events, ask, rejected } = await recordApart(trx, portal, entry);
  if (ask.length === 0) {
    await markDone(trx, portal, {
      parsed,
      events,
      rejected: [...parsed.rejected, ...rejected.map(rejectedInvoice)],
    });
  }
  return { events, ask };
}

const savepoint = statement("savepoint delivery");
const undo = statement("rollback to savepoint delivery");
const release = statement("release savepoint delivery");

/** As `recordDelivery`, but one that fails is undone alone and marked as failed. */
function guardedBy(count: CountOutcome): RecordOne {
  return async (trx, portal, parsed, entry) => {
    await savepoint(trx);
    try {
      return await recordDeliveryApart(trx, portal, parsed, entry);
    } catch (error) {
      if (isDatabaseFault(error)) throw error;
      await undo(trx);
      forgetHead(trx);
      await failDelivery({ ...portal, writer: trx }, count, parsed.row, error);
      return { events: [], ask: [], failed: true };
    } finally {
      await release(trx);
    }
  };
}

interface Done {
  parsed: ParsedDelivery;
  events: LedgerEvent[];
  rejected: Rejected[];
}

async function markDone(trx: Db, { clock }: ProcessPortal, { parsed, events, rejected }: Done) {
  const { id, origin, connection_id: connection } = parsed.row;
  const at = toInstant(clock());
  const first = events.at(0)?.sequence ?? null;
  const last = events.at(-1)?.sequence ?? null;
  await markProcessed(trx, { id, at, first, last });
  if (origin === "replay") await forgetRejections(trx, id);
  await keepRejections(trx, { connection, delivery: id, at, rejected });
}

/** Keeps deliveries from coming due while they are being worked on. */
export async function hold(db: Db, { clock }: ProcessPortal, ids: number[]): Promise<void> {
  await holdDeliveries(db, ids, plusMs(toInstant(clock()), heldMs));
}
