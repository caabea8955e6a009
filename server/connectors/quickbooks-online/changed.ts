import { z } from "zod";
import type { Change } from "#domain/change.ts";
import { dayMs, type Instant } from "#domain/time.ts";
import type { ChangedPage, Parsed, Rejected } from "#server/connectors/contract.ts";
import { eachApart, joinParsed } from "#server/connectors/kit/apart.ts";
import { readJson, readValue } from "#server/connectors/kit/json.ts";
import { invoicesOf } from "./applied.ts";
import {
  aboutRow,
  CdcAnswer,
  Deleted,
  QboCreditMemo,
  QboInvoice,
  QboPayment,
  QueryAnswer,
} from "./objects.ts";
import {
  creditedInvoices,
  type Known,
  nothingKnown,
  type Reader,
  readInvoice,
  withApplied,
} from "./read.ts";
import { deletedInvoice } from "./snapshot.ts";

/** Change data capture looks back 30 days, and answers 1,000 objects at most. */
const capturedMs = 29 * dayMs;
const mostCaptured = 1000;
/** A window that is still too full for what was deleted in it is halved this often. */
const mostHalvings = 12;
const perPage = 50;
/** Rows of one answer to a query at most. */
const mostQueried = 1000;

const Next = z.discriminatedUnion("phase", [
  z.object({ phase: z.literal("query"), since: z.string(), start: z.int() }),
  z.object({ phase: z.literal("deleted") }),
]);
const Cursor = z.discriminatedUnion("phase", [
  /** Invoices that were named and are still to be read, and what comes after them. */
  z.object({ phase: z.literal("read"), ids: z.array(z.string()), after: Next.optional() }),
  ...Next.options,
]);
type Cursor = z.infer<typeof Cursor>;

/**
 * Every invoice that something happened to since then. Within 30 days change data capture says which,
 * with payments, credit memos and what was deleted; beyond, or when it is too much for one answer,
 * invoices are queried by the time of their last change, and then what was deleted is asked for.
 */
export async function changedSince(
  since: Instant,
  cursor: string | null,
  reader: Reader,
): Promise<ChangedPage> {
  const at = cursor === null ? null : readJson(Cursor, Buffer.from(cursor));
  if (at?.phase === "read") return readPage(at, reader);
  if (at?.phase === "query") return queryPage(at, reader);
  if (at?.phase === "deleted") return { changes: await deletedSince(since, reader), next: null };
  const oldest = reader.api.http.now().getTime() - capturedMs;
  if (Date.parse(since) < oldest) return queryPage({ since, start: 1 }, reader);
  return (await capturedPage(since, reader)) ?? queryPage({ since, start: 1 }, reader);
}

function nextOf(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

async function readPage(
  { ids, after }: Extract<Cursor, { phase: "read" }>,
  reader: Reader,
): Promise<ChangedPage> {
  const known = nothingKnown();
  const read = await eachApart(
    ids.slice(0, perPage),
    (id) => `Invoice ${id}`,
    async (id) => (await readInvoice(id, reader, known)) ?? [],
  );
  const rest = ids.slice(perPage);
  if (rest.length === 0) return { ...read, next: after ? nextOf(after) : null };
  return { ...read, next: nextOf({ phase: "read", ids: rest, ...(after && { after }) }) };
}

/** The invoices that changed from then on, as far as one page holds, the oldest change first. */
export async function changedFrom(since: Instant, reader: Reader): Promise<Parsed> {
  const { next: _next, ...read } = await queryPage({ since, start: 1 }, reader);
  return read;
}

interface Place {
  since: Instant;
  start: number;
}

/** Pages by the time of the last change: one that changes meanwhile moves to the end, not out of reach. */
async function queryPage(place: Place, reader: Reader): Promise<ChangedPage> {
  const { since } = place;
  const invoices = await query(place, perPage, reader);
  const read = await readRows(invoices, reader, nothingKnown());
  if (invoices.length < perPage) return { ...read, next: nextOf({ phase: "deleted" }) };
  const last = invoices.flatMap((row) => aboutRow(row).changedAt ?? []).at(-1);
  if (last !== undefined && zoned(last) !== zoned(since)) {
    return { ...read, next: nextOf({ phase: "query", since: last, start: 1 }) };
  }
  const known = new Set(invoices.map((row) => aboutRow(row).id));
  return { ...read, next: nextOf(await restOfSecond(place, known, reader)) };
}

/**
 * More changed within one second than a page holds. One answer names them all: of pages by their position
 * one that changes meanwhile would move its neighbour into a page that was read before.
 */
async function restOfSecond(place: Place, known: Set<string>, reader: Reader): Promise<Cursor> {
  const { since, start } = place;
  const rows = (await query(place, mostQueried, reader)).map(aboutRow);
  const isSame = ({ changedAt }: (typeof rows)[number]) =>
    changedAt === undefined || zoned(changedAt) === zoned(since);
  const ids = rows.filter((row) => isSame(row) && !known.has(row.id)).map(({ id }) => id);
  const later = rows.find((row) => !isSame(row))?.changedAt;
  if (later) return { phase: "read", ids, after: { phase: "query", since: later, start: 1 } };
  if (rows.length < mostQueried) return { phase: "read", ids, after: { phase: "deleted" } };
  return { phase: "read", ids, after: { phase: "query", since, start: start + rows.length } };
}

async function query({ since, start }: Place, most: number, { api }: Reader): Promise<unknown[]> {
  const statement =
    `select * from Invoice where MetaData.LastUpdatedTime >= '${zoned(since)}' ` +
    `orderby MetaData.LastUpdatedTime startposition ${start} maxresults ${most}`;
  return (await api.get("/query", { query: statement }, QueryAnswer)).QueryResponse.Invoice;
}

function readRows(rows: unknown[], reader: Reader, known: Known): Promise<Required<Parsed>> {
  return eachApart(
    rows,
    (row) => `Invoice ${aboutRow(row).number}`,
    (row) => withApplied(readValue(QboInvoice, row), reader, known),
  );
}

/** Null when there is more than one answer holds: which part is missing is not said. */
async function capturedPage(since: Instant, reader: Reader): Promise<ChangedPage | null> {
  const captured = await capture(since, "Invoice,Payment,CreditMemo", reader);
  if (captured.count >= mostCaptured) return null;
  const known: Known = nothingKnown();
  for (const payment of captured.payments) known.payments.set(payment.Id, payment);
  for (const memo of captured.creditMemos) known.creditMemos.set(memo.Id, memo);
  const touched = new Set(captured.payments.flatMap(invoicesOf));
  for (const memo of captured.creditMemos) {
    for (const id of await creditedInvoices(memo, reader.api, known)) touched.add(id);
  }
  const read = await readRows(captured.invoices.slice(0, perPage), reader, known);
  for (const row of captured.invoices.slice(0, perPage)) touched.delete(aboutRow(row).id);
  for (const row of captured.invoices.slice(perPage)) touched.add(aboutRow(row).id);
  const ids = [...touched];
  const all = joinParsed({ changes: captured.deleted, rejected: captured.rejected }, read);
  return { ...all, next: ids.length > 0 ? nextOf({ phase: "read", ids }) : null };
}

/** What was deleted, as far back as one answer reaches. */
async function deletedSince(since: Instant, reader: Reader): Promise<Change[]> {
  const now = reader.api.http.now().getTime();
  let from = Math.max(Date.parse(since), now - capturedMs);
  for (let halved = 0; ; halved += 1) {
    const captured = await capture(new Date(from).toISOString(), "Invoice", reader);
    if (captured.count < mostCaptured || halved === mostHalvings) return captured.deleted;
    from = Math.floor((from + now) / 2);
  }
}

async function capture(since: Instant, entities: string, { api }: Reader) {
  const asked = { entities, changedSince: zoned(since) };
  const { CDCResponse } = await api.get("/cdc", asked, CdcAnswer);
  const answers = CDCResponse.flatMap(({ QueryResponse }) => QueryResponse);
  const invoices = answers.flatMap(({ Invoice }) => Invoice);
  const payments = answers.flatMap(({ Payment }) => Payment);
  const creditMemos = answers.flatMap(({ CreditMemo }) => CreditMemo);
  const rejected: Rejected[] = [];
  return {
    count: invoices.length + payments.length + creditMemos.length,
    deleted: invoices.flatMap((row) => deletedIn(row) ?? []),
    /** Rows as they came. */
    invoices: invoices.filter((row) => deletedIn(row) === undefined),
    payments: readable(payments, { name: "Payment", schema: QboPayment, rejected }),
    creditMemos: readable(creditMemos, { name: "Credit memo", schema: QboCreditMemo, rejected }),
    rejected,
  };
}

function deletedIn(row: unknown): Change | undefined {
  const deleted = Deleted.safeParse(row).data;
  return deleted && deletedInvoice(deleted.Id, deleted.MetaData.LastUpdatedTime);
}

interface Kind<T> {
  name: string;
  schema: z.ZodType<T>;
  /** Takes what cannot be read. */
  rejected: Rejected[];
}

function readable<T>(rows: unknown[], { name, schema, rejected }: Kind<T>): T[] {
  return rows.flatMap((row) => {
    if (Deleted.safeParse(row).success) return [];
    const read = schema.safeParse(row);
    if (read.success) return [read.data];
    const [issue] = read.error.issues;
    const reason = issue ? `${issue.path.join(".")}: ${issue.message}` : "cannot be read";
    rejected.push({ at: `${name} ${aboutRow(row).number}`, reason });
    return [];
  });
}

/** As QuickBooks' own examples write it. */
function zoned(instant: Instant): string {
  return `${instant.slice(0, 19)}-00:00`;
}
