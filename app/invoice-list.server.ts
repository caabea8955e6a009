import type { AppLoadContext } from "@remix-run/node";
import {
  type Cursor,
  type InvoiceFilter,
  type InvoiceListRow,
  isShownStatus,
  lateFilter,
  listInvoices,
  promisesOf,
  savedViews,
  type Sort,
  sortColumns,
  totalsOf,
  type View,
} from "#db/queries/invoices.ts";
import type { Db } from "#db/connect.ts";
import { headSequence } from "#db/queries/live.ts";
import { openSums } from "#db/queries/open-sums.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { ageingBuckets } from "#server/domain/invoice.ts";
import { CalendarDate, dayIn, toInstant } from "#server/domain/time.ts";
import { keptAsOf } from "./as-of.server.ts";

/** What the list shows for an address: rows, neighbours, totals, counts of the saved views, ageing. */
export async function loadInvoiceList(
  { db, clock }: AppLoadContext,
  scope: CustomerScope,
  search: URLSearchParams,
) {
  // Before the rows: what happens between the two is then heard of again, and never missed.
  const sequence = await headSequence(db);
  const { timeZone } = await readSupplier(db);
  const today = dayIn(timeZone, toInstant(clock()));
  const view = viewOf(search.get("view"));
  const filter = { ...savedViews(today)[view], ...filterOf(search, today) };
  const { sort, descending } = sortOf(search.get("sort"));
  const cursor = cursorOf(search, sort);
  const page = await listInvoices(db, scope, { filter, sort, descending, cursor });
  const promises = await promisesOf(
    db,
    scope,
    page.rows.map(({ id }) => id),
  );
  const [first, last] = [page.rows[0], page.rows.at(-1)];
  return {
    sequence,
    today,
    view,
    sort,
    descending,
    rows: page.rows.map((row) => ({ ...shown(row), promise: promises.get(row.id) ?? null })),
    previous: page.hasPrevious && first ? place(first, sort) : null,
    next: page.hasNext && last ? place(last, sort) : null,
    ...(await sumsOf(db, scope, { filter, today, sequence })),
  };
}

const sumsAsOf = keptAsOf<Awaited<ReturnType<typeof readSums>>>();

/** Adding up costs as much as all rows of the page together, and mostly nothing has happened since. */
function sumsOf(
  db: Db,
  scope: CustomerScope,
  { filter, today, sequence }: { filter: InvoiceFilter; today: CalendarDate; sequence: number },
) {
  const key = JSON.stringify([today, filter]);
  return sumsAsOf({ db, scope, key, sequence }, () => readSums(db, scope, filter, today));
}

async function readSums(db: Db, scope: CustomerScope, filter: InvoiceFilter, today: CalendarDate) {
  return {
    totals: await totalsOf(db, scope, filter),
    ...(await openSums(db, scope, today)),
  };
}

export type ShownInvoice = ReturnType<typeof shown> & {
  promise: { promisedOn: string; state: string } | null;
};

function shown(row: InvoiceListRow) {
  return {
    id: row.id,
    number: row.number,
    description: row.description,
    po: row.po_key,
    issuedOn: row.issued_on,
    dueOn: row.due_on,
    status: row.status,
    dispute: row.dispute,
    currency: row.currency,
    total: row.total,
    paid: row.paid,
    credited: row.credited,
    due: row.due,
  };
}

function viewOf(name: string | null): View {
  return name === "overdue" || name === "disputed" || name === "week" ? name : "all";
}

function filterOf(search: URLSearchParams, today: CalendarDate): InvoiceFilter {
  const late = ageingBuckets.find((bucket) => bucket === search.get("late"));
  const filter: InvoiceFilter = late ? lateFilter(late, today) : {};
  const text = search.get("q")?.trim();
  if (text) filter.search = text;
  const status = search.get("status") ?? "";
  if (isShownStatus(status)) filter.statuses = [status];
  if (search.get("disputed") === "yes") filter.disputed = true;
  const currency = search.get("currency")?.toUpperCase() ?? "";
  if (/^[A-Z]{3}$/.test(currency)) filter.currency = currency;
  const from = CalendarDate.safeParse(search.get("from"));
  if (from.success) filter.issuedFrom = from.data;
  const to = CalendarDate.safeParse(search.get("to"));
  if (to.success) filter.issuedTo = to.data;
  return filter;
}

function sortOf(text: string | null): { sort: Sort; descending: boolean } {
  const [, minus, name] = /^(-?)(due|issued|number|amount)$/.exec(text ?? "") ?? [];
  if (name === "due" || name === "issued" || name === "number" || name === "amount") {
    return { sort: name, descending: minus === "-" };
  }
  return { sort: "due", descending: true };
}

/** The place of a row in the order, for the address: its sorted value and its id. */
function place(row: InvoiceListRow, sort: Sort): string {
  return `${row[sortColumns[sort]] ?? ""}~${row.id}`;
}

function cursorOf(search: URLSearchParams, sort: Sort): Cursor | null {
  const before = search.get("before");
  const text = before ?? search.get("after");
  const cut = text?.lastIndexOf("~") ?? -1;
  if (!text || cut < 0) return null;
  const value = text.slice(0, cut);
  const id = text.slice(cut + 1);
  const back = before !== null;
  if (sort === "amount") return { value: Number(value) || 0, id, back };
  return { value: value === "" && sort !== "number" ? null : value, id, back };
}
