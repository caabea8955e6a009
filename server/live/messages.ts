import type { Db } from "#db/connect.ts";
import { inChunks } from "#db/in-chunks.ts";
import { headSequence, liveDisputes, liveRows, missedEvents } from "#db/queries/live.ts";
import { isMove, recordsCameOrWent } from "#db/queries/moves.ts";
import type { CaughtUp, LiveDispute, LiveMessage } from "./message.ts";
import type { Seat } from "./room.ts";

/** Someone who missed more than this loads the page again. */
const catchUpLimit = 500;

interface About {
  sequence: number;
  type: string;
  at: string;
  invoice: string;
  /** Whether the invoice's customer may hear of it, too. */
  forCustomer: boolean;
}

export interface Addressed {
  message: LiveMessage;
  /** null: for staff alone. */
  customerId: string | null;
}

/** The messages of these events with the rows as they are now, in the order of the events. */
export async function messagesOf(db: Db, events: About[]): Promise<Addressed[]> {
  const invoices = events.map(({ invoice }) => invoice);
  const found = await inChunks(invoices, (some) => liveRows(db, some));
  const rows = new Map(found.map((row) => [row.id, row]));
  const disputesOf = await disputesByInvoice(db, events.filter(isAboutDispute));
  return events.flatMap((event) => {
    const row = rows.get(event.invoice);
    if (!row) return [];
    const { sequence, type, at, forCustomer } = event;
    const { customerId, ...shown } = row;
    const disputes = isAboutDispute(event) ? (disputesOf.get(row.id) ?? []) : [];
    const message = { sequence, type, at, invoice: shown, disputes };
    return [{ message, customerId: forCustomer ? customerId : null }];
  });
}

function isAboutDispute({ type }: Pick<About, "type">): boolean {
  return type.startsWith("dispute.") || type.startsWith("comment.");
}

async function disputesByInvoice(db: Db, events: About[]): Promise<Map<string, LiveDispute[]>> {
  const invoices = events.map(({ invoice }) => invoice);
  const byInvoice = new Map<string, LiveDispute[]>();
  for (const row of await inChunks(invoices, (some) => liveDisputes(db, some))) {
    const { invoiceId, ...dispute } = row;
    byInvoice.set(invoiceId, [...(byInvoice.get(invoiceId) ?? []), dispute]);
  }
  return byInvoice;
}

/**
 * What a seat missed behind a sequence, read from the ledger; a customer's audience is checked there.
 * Who got or lost invoices meanwhile loads again.
 */
export async function caughtUp(db: Db, seat: Seat, after: number): Promise<CaughtUp> {
  const head = await headSequence(db);
  const { customerId } = seat;
  const missed = await missedEvents(db, { after, customerId, limit: catchUpLimit + 1 });
  if (missed.length > catchUpLimit || after > head) return { reload: true, head };
  if (customerId !== null) {
    const moved = missed.some(({ type }) => isMove(type));
    if (moved || (await recordsCameOrWent(db, { after, customerId })))
      return { reload: true, head };
  }
  const events = missed.map(({ sequence, type, recorded_at, invoice_id }) => {
    return { sequence, type, at: recorded_at, invoice: invoice_id ?? "", forCustomer: true };
  });
  const messages = await messagesOf(db, events);
  const own = messages.filter((found) => customerId === null || found.customerId === customerId);
  return { reload: false, head, messages: own.map(({ message }) => message) };
}
