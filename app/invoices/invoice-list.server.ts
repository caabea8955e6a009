import type { AppLoadContext } from "@remix-run/node";
import {
  type Cursor,
  type InvoiceFilter,
  type InvoiceListRow,
  isShownStatus,
  listInvoices,
  openStatuses,
  promisesOf,
  searchWay,
  type SearchWay,
  type Sort,
  sortColumns,
  totalsOf,
} from "#db/queries/invoices.ts";
import { bothOf, lateFilter, savedViews, type View } from "#db/queries/invoice-filters.ts";
import type { Db } from "#db/connect.ts";
import { headSequence } from "#db/queries/live.ts";
import { openSums } from "#db/queries/open-sums.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { ageingBuckets } from "#domain/invoice.ts";
import { CalendarDate, dayIn, toInstant } from "#domain/time.ts";
import { keptAsOf } from "./as-of.server.ts";
import type { ListParameter } from "./list-address.ts";

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
  const view = viewOf(search);
  const filter = bothOf(savedViews(today)[view], filterOf(search, today));
  const { sort, descending } = sortOf(search);
  const cursor = cursorOf(search, sort);
  const way = await searchWay(db, scope, filter);
  const page = await listInvoices(db, scope, { filter, way, sort, descending, cursor });
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
    ...(await sumsOf(db, scope, { filter, way, today, sequence })),
  };
}

const sumsAsOf = keptAsOf<Awaited<ReturnType<typeof readSums>>>();

/** Adding up costs as much as all rows of the page together, and mostly nothing has happened since. */
function sumsOf(
  db: Db,
  scope: CustomerScope,
  { sequence, ...asked }: Summed & { sequence: number },
) {
  const key = JSON.stringify([asked.today, asked.filter]);
  return sumsAsOf({ db, scope, key, sequence }, () => readSums(db, scope, asked));
}

interface Summed {
  filter: InvoiceFilter;
  way: SearchWay;
  today: CalendarDate;
}

/** `totals` is null where more match than a search reads: a sum of some of them would be wrong. */
async function readSums(db: Db, scope: CustomerScope, { filter, way, today }: Summed) {
  return {
    totals: way.isComplete ? await totalsOf(db, scope, filter, way) : null,
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

const views = ["all", "overdue", "disputed", "week"] as const satisfies View[];

function viewOf(search: URLSearchParams): View {
  const name = search.get("view");
  if (name === null) return "all";
  return views.find((view) => view === name) ?? unknown("view", name);
}

/** Throws 400 for a value that the list does not know: it would filter nothing and look as if it did. */
function filterOf(search: URLSearchParams, today: CalendarDate): InvoiceFilter {
  const said = (name: ListParameter) => search.get(name)?.trim() || undefined;
  const late = said("late");
  const status = said("status");
  const disputed = said("disputed");
  const currency = said("currency");
  const bucket = ageingBuckets.find((each) => each === late);
  if (late !== undefined && !bucket) return unknown("lateness", late);
  if (status !== undefined && !isShownStatus(status)) return unknown("status", status);
  if (disputed !== undefined && disputed !== "yes") return unknown("dispute filter", disputed);
  if (currency !== undefined && !/^[A-Z]{3}$/i.test(currency)) return unknown("currency", currency);
  const filter: InvoiceFilter = {
    search: said("q"),
    statuses: status === undefined ? undefined : [status],
    disputed: disputed === undefined ? undefined : true,
    currency: currency?.toUpperCase(),
    issuedFrom: dayOf(said("from")),
    issuedTo: dayOf(said("to")),
    dueFrom: dayOf(said("dueFrom")),
    dueTo: dayOf(said("dueTo")),
  };
  return bucket ? bothOf(lateFilter(bucket, today), filter) : filter;
}

function dayOf(text: string | undefined): CalendarDate | undefined {
  if (text === undefined) return undefined;
  const day = CalendarDate.safeParse(text);
  return day.success ? day.data : unknown("day", text);
}

function unknown(what: string, said: string): never {
  const words = `This list knows no ${what} “${said.slice(0, 40)}”.`;
  // Remix renders a thrown response as the error page.
  // oxlint-disable-next-line no-throw-literal
  throw new Response(words, { status: 400 });
}

function sortOf(search: URLSearchParams): { sort: Sort; descending: boolean } {
  const text = search.get("sort") ?? "";
  if (text === "") return { sort: "urgent", descending: false };
  const [, minus, name] = /^(-?)(due|issued|number|amount)$/.exec(text) ?? [];
  if (name === "due" || name === "issued" || name === "number" || name === "amount") {
    return { sort: name, descending: minus === "-" };
  }
  return unknown("order", text);
}

/** The place of a row in the order, for the address: its sorted value and its id. */
function place(row: InvoiceListRow, sort: Sort): string {
  if (sort !== "urgent") return `${row[sortColumns[sort]] ?? ""}~${row.id}`;
  const isUnpaid = openStatuses.some((status) => status === row.status);
  return `${isUnpaid ? "unpaid" : "settled"}~${row.due_on ?? ""}~${row.id}`;
}

function cursorOf(search: URLSearchParams, sort: Sort): Cursor | null {
  const before = search.get("before");
  const text = before ?? search.get("after");
  const cut = text?.lastIndexOf("~") ?? -1;
  if (!text || cut < 0) return null;
  const value = text.slice(0, cut);
  const at = { id: text.slice(cut + 1), back: before !== null };
  if (sort === "amount") return { ...at, value: Number(value) || 0 };
  if (sort !== "urgent") return { ...at, value: value === "" && sort !== "number" ? null : value };
  const [group, due = ""] = value.split("~");
  return { ...at, value: due === "" ? null : due, isUnpaid: group === "unpaid" };
}
