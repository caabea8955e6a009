import type { Db } from "#db/connect.ts";
import { inChunks } from "#db/in-chunks.ts";
import { headSequence, liveDisputes, liveRows, missedEvents, readersOf } from "#db/queries/live.ts";
import { isMove, recordsCameOrWent } from "#db/queries/moves.ts";
import type { CaughtUp, LiveDispute, LiveMessage } from "./message.ts";
import type { Seat } from "./room.ts";

/** Someone who missed more than this loads the page again. */
const catchUpLimit = 500;

interface About {
  sequence: number;
  type: string;
  chain: string;
  at: string;
  invoice: string;
  /** Whether the chain's customer may hear of it, too. */
  forCustomer: boolean;
}

export interface Addressed {
  /** For staff: with everybody's disputes. */
  message: LiveMessage;
  /** The customer who reads the event; null: staff alone. */
  customerId: string | null;
  /** For that customer; null where the invoice is another's by now, so that its page loads again. */
  own: LiveMessage | null;
}

/** The messages of these events with the rows as they are now, in the order of the events. */
export async function messagesOf(db: Db, events: About[]): Promise<Addressed[]> {
  const invoices = events.map(({ invoice }) => invoice);
  const found = await inChunks(invoices, (some) => liveRows(db, some));
  const rows = new Map(found.map((row) => [row.id, row]));
  const disputesOf = await disputesByInvoice(db, events.filter(isAboutDispute));
  const readers = await readersByChain(db, events);
  return events.flatMap((event) => {
    const row = rows.get(event.invoice);
    if (!row) return [];
    const { sequence, type, chain, at } = event;
    const { customerId: owner, ...shown } = row;
    const disputes = isAboutDispute(event) ? (disputesOf.get(row.id) ?? []) : [];
    const message = { sequence, type, at, invoice: shown };
    const reader = event.forCustomer ? (readers.get(chain) ?? null) : null;
    const ownDisputes = disputes.filter(({ customerId }) => customerId === reader);
    return [
      {
        message: { ...message, disputes: disputes.map(withoutCustomer) },
        customerId: reader,
        own:
          reader === null || reader !== owner
            ? null
            : { ...message, disputes: ownDisputes.map(withoutCustomer) },
      },
    ];
  });
}

function isAboutDispute({ type }: Pick<About, "type">): boolean {
  return type.startsWith("dispute.") || type.startsWith("comment.");
}

type OwnedDispute = LiveDispute & { customerId: string | null };

function withoutCustomer({ id, state, updatedAt }: OwnedDispute): LiveDispute {
  return { id, state, updatedAt };
}

async function readersByChain(db: Db, events: About[]): Promise<Map<string, string | null>> {
  const chains = [...new Set(events.flatMap((event) => (event.forCustomer ? event.chain : [])))];
  const found = await inChunks(chains, async (some) => [...(await readersOf(db, some))]);
  return new Map(found);
}

async function disputesByInvoice(db: Db, events: About[]): Promise<Map<string, OwnedDispute[]>> {
  const invoices = events.map(({ invoice }) => invoice);
  const byInvoice = new Map<string, OwnedDispute[]>();
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
  const events = missed.map(({ sequence, type, chain, recorded_at, invoice_id }) => {
    const at = recorded_at;
    return { sequence, type, chain, at, invoice: invoice_id ?? "", forCustomer: true };
  });
  const found = await messagesOf(db, events);
  if (customerId === null) {
    return { reload: false, head, messages: found.map(({ message }) => message) };
  }
  const own = found.filter((each) => each.customerId === customerId);
  // Something was said about an invoice that is another's by now: its row is not for this reader.
  if (own.some((each) => each.own === null)) return { reload: true, head };
  return { reload: false, head, messages: own.flatMap((each) => each.own ?? []) };
}
