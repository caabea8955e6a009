import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { type InvoiceStatus, invoiceStatuses } from "#domain/invoice-sums.ts";
import { countLimit, searchLimit } from "#domain/list-limits.ts";
import type { CalendarDate } from "#domain/time.ts";
import { isMatch, matching, searchReads } from "./search.ts";
import { type CustomerScope, invoicesById, invoicesOf, ownRecords } from "./scope.ts";

export const openStatuses = ["open", "partially_paid", "overdue"] as const;
export const openDisputes = ["open", "under_review", "waiting_for_customer"] as const;
const shownStatuses = invoiceStatuses.filter((status) => status !== "draft");

/** Rows of one page. */
export const pageSize = 50;

/** What narrows a customer's list; everything is optional and adds up. */
export interface InvoiceFilter {
  search?: string | undefined;
  statuses?: readonly InvoiceStatus[] | undefined;
  disputed?: boolean | undefined;
  currency?: string | undefined;
  issuedFrom?: CalendarDate | undefined;
  issuedTo?: CalendarDate | undefined;
  dueFrom?: CalendarDate | undefined;
  dueTo?: CalendarDate | undefined;
  /** Due on this day or later, or without a due date. */
  notDueBefore?: CalendarDate | undefined;
}

export const sortColumns = {
  due: "due_on",
  issued: "issued_on",
  number: "number_key",
  amount: "total",
} as const;
/** `urgent`: what is to be paid by due date, the longest overdue first; then the rest, the latest first. */
export type Sort = keyof typeof sortColumns | "urgent";

/** Where a page begins: behind a row, or before it when going back. `value` null: a row without that date. */
export interface Cursor {
  value: string | number | null;
  id: string;
  back: boolean;
  /** Of the order `urgent`: whether the row is among those to be paid. */
  isUnpaid?: boolean;
}

/**
 * How a search is done within a filter: the index of words first, or the rows that the filter lets
 * through. `isComplete` is false when both are more than may be read: then some of what matches is
 * missing, and whoever shows the rows has to say so.
 */
export interface SearchWay {
  first: "words" | "rows";
  isComplete: boolean;
}

const byWords: SearchWay = { first: "words", isComplete: true };

/** Chooses the way of a search by counting, of which both engines read an index alone. */
export async function searchWay(
  db: Db,
  scope: CustomerScope,
  { search, ...filter }: InvoiceFilter,
): Promise<SearchWay> {
  if (!search || (await searchReads(db, scope, search)) <= searchLimit) return byWords;
  const rows = filtered(db, scope, filter)
    .select("invoices.id")
    .limit(searchLimit + 1);
  const { count } = await db
    .selectFrom(rows.as("i"))
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  if (count <= searchLimit) return { first: "rows", isComplete: true };
  return { first: "words", isComplete: false };
}

interface Listing {
  filter: InvoiceFilter;
  way?: SearchWay;
  sort: Sort;
  descending: boolean;
  cursor: Cursor | null;
}

const columns = [
  "id",
  "number",
  "number_key",
  "description",
  "po_key",
  "issued_on",
  "due_on",
  "status",
  "dispute",
  "currency",
  "total",
  "paid",
  "credited",
  "due",
] as const;

/** A customer's invoices that the filter lets through; a search in the way that `searchWay` chose. */
export function filtered(db: Db, scope: CustomerScope, filter: InvoiceFilter, way = byWords) {
  let rows = invoicesOf(db, scope);
  if (filter.search && way.first === "rows") rows = rows.where(isMatch(db, scope, filter.search));
  else if (filter.search) {
    rows = invoicesById(db, scope).where("id", "in", matching(db, scope, filter.search));
  }
  if (filter.statuses?.length === 0) rows = rows.where(sql<boolean>`1 = 0`);
  else if (filter.statuses) {
    rows = rows.where(statusOf({ ...filter, way }), "in", [...filter.statuses]);
  }
  if (filter.disputed) rows = rows.where("dispute", "in", [...openDisputes]);
  if (filter.currency) rows = rows.where("currency", "=", filter.currency);
  if (filter.issuedFrom) rows = rows.where("issued_on", ">=", filter.issuedFrom);
  if (filter.issuedTo) rows = rows.where("issued_on", "<=", filter.issuedTo);
  if (filter.dueFrom) rows = rows.where("due_on", ">=", filter.dueFrom);
  if (filter.dueTo) rows = rows.where("due_on", "<=", filter.dueTo);
  if (filter.notDueBefore) {
    const day = filter.notDueBefore;
    rows = rows.where((of) => of.or([of("due_on", ">=", day), of("due_on", "is", null)]));
  }
  return rows;
}

/** With ids at hand SQLite would rather read all invoices of a status, of whatever customer: an expression has no index. */
function statusOf({ search, way }: { search?: string | undefined; way: SearchWay }) {
  const hasIds = search && way.first === "words";
  return hasIds ? sql<InvoiceStatus>`status || ''` : sql.ref<InvoiceStatus>("status");
}

/**
 * One page of a customer's invoices and whether there are neighbours, by keyset: a deep page costs
 * what the first one does. Rows without the sorted date come last in a descending list.
 */
export async function listInvoices(db: Db, scope: CustomerScope, listing: Listing) {
  const { cursor } = listing;
  const back = cursor?.back ?? false;
  const rows: InvoiceListRow[] = [];
  for (const part of partsOf(listing)) {
    const missing = pageSize + 1 - rows.length;
    if (missing > 0) rows.push(...(await readPart(db, scope, { listing, part, limit: missing })));
  }
  const more = rows.length > pageSize;
  const page = rows.slice(0, pageSize);
  if (back) page.reverse();
  return { rows: page, hasNext: back || more, hasPrevious: back ? more : cursor !== null };
}

export type InvoiceListRow = Awaited<ReturnType<typeof rowsShape>>[number];
const rowsShape = (db: Db) => db.selectFrom("invoices").select(columns).execute();

type Column = (typeof sortColumns)[keyof typeof sortColumns];

/** Rows with a value and rows without one are read apart, since no index range holds both. */
interface Part {
  column: Column;
  direction: "asc" | "desc";
  hasValue: boolean;
  /** Read apart, each in the order of its index. */
  statuses?: readonly InvoiceStatus[];
}

/** The parts of a list in their order, from where the cursor stands. */
function partsOf({ sort, descending, cursor }: Listing): Part[] {
  const parts = sort === "urgent" ? urgentParts : sortedParts(sort, descending);
  const directed = cursor?.back ? parts.toReversed().map(turned) : parts;
  if (!cursor) return directed;
  const at = directed.findIndex(
    ({ hasValue, statuses }) =>
      hasValue === (cursor.value !== null) &&
      (statuses === undefined || (statuses === openStatuses) === (cursor.isUnpaid ?? true)),
  );
  return directed.slice(Math.max(at, 0));
}

function turned(part: Part): Part {
  return { ...part, direction: part.direction === "asc" ? "desc" : "asc" };
}

const settledStatuses = shownStatuses.filter(
  (status) => !openStatuses.some((open) => open === status),
);

const urgentParts: Part[] = [
  { column: "due_on", direction: "asc", hasValue: true, statuses: openStatuses },
  { column: "due_on", direction: "asc", hasValue: false, statuses: openStatuses },
  { column: "due_on", direction: "desc", hasValue: true, statuses: settledStatuses },
  { column: "due_on", direction: "desc", hasValue: false, statuses: settledStatuses },
];

function sortedParts(sort: keyof typeof sortColumns, descending: boolean): Part[] {
  const column = sortColumns[sort];
  const direction = descending ? "desc" : "asc";
  const valued: Part = { column, direction, hasValue: true };
  if (sort === "number" || sort === "amount") return [valued];
  const empty: Part = { column, direction, hasValue: false };
  return descending ? [valued, empty] : [empty, valued];
}

/** The rows of one part behind the cursor, in its order; at most `limit`. */
async function readPart(
  db: Db,
  scope: CustomerScope,
  { listing, part, limit }: { listing: Listing; part: Part; limit: number },
): Promise<InvoiceListRow[]> {
  const { statuses } = part;
  if (!statuses) return partOf(db, scope, listing, part).limit(limit).execute();
  const wanted = statuses.filter((status) => listing.filter.statuses?.includes(status) ?? true);
  const [first, ...others] = wanted.map((status) => {
    const filter = { ...listing.filter, statuses: [status] };
    const rows = partOf(db, scope, { ...listing, filter }, part).limit(limit);
    return db.selectFrom(rows.as("p")).selectAll();
  });
  if (!first) return [];
  const together = others.reduce((all, other) => all.unionAll(other), first);
  const ordered = db.selectFrom(together.as("all")).selectAll();
  return ordered
    .orderBy(part.column, part.direction)
    .orderBy("id", part.direction)
    .limit(limit)
    .execute();
}

function partOf(
  db: Db,
  scope: CustomerScope,
  { filter, way, cursor }: Listing,
  { column, direction, hasValue, statuses }: Part,
) {
  const isHere =
    cursor !== null &&
    (statuses === undefined || (statuses === openStatuses) === (cursor.isUnpaid ?? true));
  const beyond = direction === "desc" ? "<" : ">";
  let rows = filtered(db, scope, filter, way).select(columns);
  if (!hasValue) {
    rows = rows.where(column, "is", null);
    if (isHere && cursor.value === null) rows = rows.where("id", beyond, cursor.id);
    return rows.orderBy("id", direction);
  }
  if (column === "due_on" || column === "issued_on") rows = rows.where(column, "is not", null);
  if (isHere && cursor.value !== null) {
    const place = sql<boolean>`(${sql.ref(column)}, id) ${sql.raw(beyond)} (${cursor.value}, ${cursor.id})`;
    rows = rows.where(place);
  }
  return rows.orderBy(column, direction).orderBy("id", direction);
}

/**
 * Count and sums per currency of what the filter lets through, minor units, of at most 10,000 rows: what
 * is still due, as `openSums` counts it, and apart from it what was overpaid.
 */
export function totalsOf(db: Db, scope: CustomerScope, filter: InvoiceFilter, way?: SearchWay) {
  const rows = filtered(db, scope, filter, way).select(["currency", "total", "due"]);
  return db
    .selectFrom(rows.limit(countLimit).as("i"))
    .select(({ fn }) => [
      "currency",
      fn.countAll<number>().as("invoices"),
      fn.sum<number>("total").as("total"),
      sql<number>`sum(case when due > 0 then due else 0 end)`.as("due"),
      sql<number>`sum(case when due < 0 then -due else 0 end)`.as("credit"),
    ])
    .groupBy("currency")
    .orderBy("currency")
    .execute();
}

/** A customer's promises that still stand or were broken, for the second line of these invoices' rows. */
export async function promisesOf(db: Db, scope: CustomerScope, invoiceIds: string[]) {
  if (invoiceIds.length === 0) return new Map<string, { promisedOn: string; state: string }>();
  const rows = await db
    .selectFrom("promises")
    .where("invoice_id", "in", invoiceIds)
    .where("customer_record_id", "in", ownRecords(db, scope))
    .where("state", "in", ["made", "broken"])
    .select(["invoice_id", "promised_on", "state"])
    .orderBy("sequence")
    .limit(500)
    .execute();
  return new Map(
    rows.map((row) => [row.invoice_id, { promisedOn: row.promised_on, state: row.state }]),
  );
}

/** Whether it is a status that customers see. */
export function isShownStatus(text: string): text is InvoiceStatus {
  return shownStatuses.some((status) => status === text);
}
