import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { type AgeingBucket, type InvoiceStatus, invoiceStatuses } from "#server/domain/invoice.ts";
import { type CalendarDate, plusDays } from "#server/domain/time.ts";
import { matching } from "./search.ts";
import { type CustomerScope, invoicesOf, ownRecords } from "./scope.ts";

export const openStatuses = ["open", "partially_paid", "overdue"] as const;
export const openDisputes = ["open", "under_review", "waiting_for_customer"] as const;
const shownStatuses = invoiceStatuses.filter((status) => status !== "draft");

/** Rows of one page. */
export const pageSize = 50;
/** Counting and adding up stop here, so that no list grows slower with the years. */
export const countLimit = 10_000;

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
export type Sort = keyof typeof sortColumns;

/** Where a page begins: behind a row, or before it when going back. `value` null: a row without that date. */
export interface Cursor {
  value: string | number | null;
  id: string;
  back: boolean;
}

interface Listing {
  filter: InvoiceFilter;
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

/** A customer's invoices that the filter lets through. */
export function filtered(db: Db, scope: CustomerScope, filter: InvoiceFilter) {
  let rows = invoicesOf(db, scope);
  if (filter.search) rows = rows.where("id", "in", matching(db, scope, filter.search));
  if (filter.statuses?.length) rows = rows.where("status", "in", [...filter.statuses]);
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
    if (missing > 0)
      rows.push(...(await partOf(db, scope, listing, part).limit(missing).execute()));
  }
  const more = rows.length > pageSize;
  const page = rows.slice(0, pageSize);
  if (back) page.reverse();
  return { rows: page, hasNext: back || more, hasPrevious: back ? more : cursor !== null };
}

export type InvoiceListRow = Awaited<ReturnType<typeof rowsShape>>[number];
const rowsShape = (db: Db) => db.selectFrom("invoices").select(columns).execute();

/** Rows with a value and rows without one are read apart, since no index range holds both. */
type Part = "with value" | "without value";

function partsOf({ sort, descending, cursor }: Listing): Part[] {
  if (sort === "number" || sort === "amount") return ["with value"];
  const valuesFirst = descending !== (cursor?.back ?? false);
  const parts: Part[] = valuesFirst
    ? ["with value", "without value"]
    : ["without value", "with value"];
  if (!cursor) return parts;
  const at = cursor.value === null ? "without value" : "with value";
  return parts.slice(parts.indexOf(at));
}

function partOf(
  db: Db,
  scope: CustomerScope,
  { filter, sort, descending, cursor }: Listing,
  part: Part,
) {
  const column = sortColumns[sort];
  const direction = descending !== (cursor?.back ?? false) ? "desc" : "asc";
  const beyond = direction === "desc" ? "<" : ">";
  let rows = filtered(db, scope, filter).select(columns);
  if (part === "without value") {
    rows = rows.where(column, "is", null);
    if (cursor && cursor.value === null) rows = rows.where("id", beyond, cursor.id);
    return rows.orderBy("id", direction);
  }
  if (column === "due_on" || column === "issued_on") rows = rows.where(column, "is not", null);
  if (cursor && cursor.value !== null) {
    const place = sql<boolean>`(${sql.ref(column)}, id) ${sql.raw(beyond)} (${cursor.value}, ${cursor.id})`;
    rows = rows.where(place);
  }
  return rows.orderBy(column, direction).orderBy("id", direction);
}

/** Count and sums per currency of what the filter lets through, minor units, of at most 10,000 rows. */
export function totalsOf(db: Db, scope: CustomerScope, filter: InvoiceFilter) {
  return db
    .selectFrom(
      filtered(db, scope, filter).select(["currency", "total", "due"]).limit(countLimit).as("i"),
    )
    .select(({ fn }) => [
      "currency",
      fn.countAll<number>().as("invoices"),
      fn.sum<number>("total").as("total"),
      fn.sum<number>("due").as("due"),
    ])
    .groupBy("currency")
    .orderBy("currency")
    .execute();
}

/** The saved views and what each lets through on a day of the supplier's zone. */
export function savedViews(today: CalendarDate) {
  return {
    all: {},
    overdue: { statuses: ["overdue"] },
    disputed: { disputed: true },
    week: { statuses: ["open", "partially_paid"], dueFrom: today, dueTo: plusDays(today, 6) },
  } satisfies Record<string, InvoiceFilter>;
}
export type View = keyof ReturnType<typeof savedViews>;

/** What is still due and so late on a day, as `ageingOf` counts it. */
export function lateFilter(bucket: AgeingBucket, today: CalendarDate): InvoiceFilter {
  const late = (days: number) => plusDays(today, -days);
  const days = {
    not_due: { notDueBefore: today },
    "1_30": { dueFrom: late(30), dueTo: late(1) },
    "31_60": { dueFrom: late(60), dueTo: late(31) },
    "61_90": { dueFrom: late(90), dueTo: late(61) },
    over_90: { dueTo: late(91) },
  } satisfies Record<AgeingBucket, InvoiceFilter>;
  return { statuses: openStatuses, ...days[bucket] };
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
