import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import type { Instant } from "#domain/time.ts";
import { headSequence } from "./live.ts";

export interface AuditFilter {
  type?: string | undefined;
  /** Only events on these chains; an empty list gives nothing. */
  chains?: string[] | undefined;
  audience?: "customer" | "supplier" | undefined;
  /** Only events of these invoices; an empty list gives nothing. */
  invoices?: string[] | undefined;
  /** From this instant of recording on. */
  from?: Instant | undefined;
  /** Recorded before this instant. */
  until?: Instant | undefined;
}

/** Rows of the ledger behind `after`, up to and with `through`, in their order. */
export async function eventRowsAfter(
  db: Db,
  filter: AuditFilter,
  { after, through, limit }: { after: number; through?: number | undefined; limit: number },
): Promise<EventRow[]> {
  const query = await filtered(db, filter);
  if (query === null) return [];
  const later = query.where("sequence", ">", after);
  const bounded = through === undefined ? later : later.where("sequence", "<=", through);
  return bounded.orderBy("sequence").limit(limit).execute();
}

/** How far one page looks for what has no index: types are found by reading every event. */
export const auditWindow = 20_000;

/**
 * Rows of the ledger before `before`, the newest first. One call looks through `auditWindow` events
 * where the filter has no index of its own; `searchedTo` is where it stopped, null at the ledger's start.
 */
export async function eventRowsBefore(
  db: Db,
  filter: AuditFilter,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<{ rows: EventRow[]; searchedTo: number | null }> {
  const query = await filtered(db, filter);
  if (query === null) return { rows: [], searchedTo: null };
  const end = before ?? (await headSequence(db)) + 1;
  const scans = filter.type !== undefined && !filter.chains && !filter.invoices;
  const floor = scans ? Math.max(1, end - auditWindow) : 1;
  const rows = await query
    .where("sequence", "<", end)
    .where("sequence", ">=", floor)
    .orderBy("sequence", "desc")
    .limit(limit)
    .execute();
  return { rows, searchedTo: floor > 1 && rows.length < limit ? floor : null };
}

async function filtered(db: Db, filter: AuditFilter) {
  if (filter.chains?.length === 0 || filter.invoices?.length === 0) return null;
  let query = db.selectFrom("events").selectAll();
  if (filter.type) query = query.where("type", "=", filter.type);
  if (filter.chains) query = query.where("chain", "in", filter.chains);
  if (filter.audience) query = query.where("audience", "=", filter.audience);
  if (filter.invoices) query = query.where("invoice_id", "in", filter.invoices);
  if (filter.from) query = query.where("sequence", ">=", await firstSequenceSince(db, filter.from));
  if (filter.until)
    query = query.where("sequence", "<", await firstSequenceSince(db, filter.until));
  return query;
}

/**
 * The first sequence recorded at or after an instant. Sequences have no gaps and `recorded_at` never
 * decreases, so a search by halves reads some twenty rows and needs no index on the time.
 */
export async function firstSequenceSince(db: Db, since: Instant): Promise<number> {
  let low = 1;
  let high = (await headSequence(db)) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await db
      .selectFrom("events")
      .where("sequence", "=", middle)
      .select("recorded_at")
      .executeTakeFirst();
    if (row && row.recorded_at < since) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ids of the customer records, and so of the chains, of a customer. */
export async function chainsOf(db: Db, customerId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("customer_records")
    .where("customer_id", "=", customerId)
    .select("id")
    .limit(5000)
    .execute();
  return rows.map((row) => row.id);
}

/** Ids of the invoices with a number, whatever its letters' case. */
export async function invoicesNumbered(db: Db, number: string): Promise<string[]> {
  const rows = await db
    .selectFrom("invoices")
    .where("number_key", "=", number.trim().toUpperCase())
    .select("id")
    .limit(100)
    .execute();
  return rows.map((row) => row.id);
}

/** Names of people by the id of the user. */
export async function peopleNamed(db: Db, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("user").where("id", "in", ids).select(["id", "name"]).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Number and currency of invoices by id. */
export async function invoicesNamed(
  db: Db,
  ids: string[],
): Promise<Map<string, { number: string; currency: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("invoices")
    .where("id", "in", ids)
    .select(["id", "number", "currency"])
    .execute();
  return new Map(rows.map(({ id, ...named }) => [id, named]));
}

/** Numbers of invoices by id. */
export async function numbersOf(db: Db, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("invoices")
    .where("id", "in", ids)
    .select(["id", "number"])
    .execute();
  return new Map(rows.map((row) => [row.id, row.number]));
}
