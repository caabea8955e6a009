import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import { Audience, eventData, type EventType, type LedgerEvent, Source } from "#domain/event.ts";

/**
 * An event as it is understood today: old versions go through upcasters here, hashed history stays.
 * Throws on a type that this version does not know.
 */
export function eventOf(row: EventRow): LedgerEvent {
  const type = row.type;
  if (!isEventType(type)) throw new Error(`Event ${row.sequence} is of unknown type ${type}`);
  if (row.data === null) throw new Error(`The data of event ${row.sequence} was erased`);
  // The schema of `type` decides the shape of `data`; TypeScript cannot follow the pair. It leaves out
  // what version 1 of `invoice.moved_out` and `invoice.moved_in` said of the other customer record.
  return {
    type,
    data: eventData[type].parse(JSON.parse(row.data)),
    sequence: row.sequence,
    chain: row.chain,
    audience: Audience.parse(row.audience),
    invoice: row.invoice_id,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    source: Source.parse(JSON.parse(row.source)),
    hash: row.hash,
  } as LedgerEvent;
}

function isEventType(type: string): type is EventType {
  return type in eventData;
}

export interface EventFilter {
  /** Sequence to start behind; 0 is the beginning. */
  after: number;
  limit: number;
  invoice?: string;
  chains?: string[];
  audience?: Audience;
}

/** Rows in the order of their sequence: an invoice's, some chains', or all. */
export function eventRows(db: Db, filter: EventFilter): Promise<EventRow[]> {
  let query = db.selectFrom("events").selectAll().where("sequence", ">", filter.after);
  if (filter.invoice !== undefined) query = query.where("invoice_id", "=", filter.invoice);
  if (filter.chains) query = query.where("chain", "in", filter.chains);
  if (filter.audience) query = query.where("audience", "=", filter.audience);
  return query.orderBy("sequence").limit(filter.limit).execute();
}

/** The same, understood. */
export async function events(db: Db, filter: EventFilter): Promise<LedgerEvent[]> {
  return (await eventRows(db, filter)).map(eventOf);
}
