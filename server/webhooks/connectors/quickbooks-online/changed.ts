import { z } from "zod";
import type { Change } from "#server/domain/change.ts";
import { dayMs, type Instant } from "#server/domain/time.ts";
import type { ChangedPage } from "../connector.ts";
import { readJson } from "../kit/json.ts";
import { invoicesOf } from "./applied.ts";
import { CdcAnswer, QueryAnswer } from "./objects.ts";
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

const Cursor = z.discriminatedUnion("phase", [
  /** Invoices that change data capture named and that are still to be read. */
  z.object({ phase: z.literal("read"), ids: z.array(z.string()) }),
  z.object({ phase: z.literal("query"), since: z.string(), start: z.int() }),
  z.object({ phase: z.literal("deleted") }),
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
  if (at?.phase === "read") return readPage(at.ids, reader);
  if (at?.phase === "query") return queryPage(at, reader);
  if (at?.phase === "deleted") return { changes: await deletedSince(since, reader), next: null };
  const oldest = reader.api.http.now().getTime() - capturedMs;
  if (Date.parse(since) < oldest) return queryPage({ since, start: 1 }, reader);
  return (await capturedPage(since, reader)) ?? queryPage({ since, start: 1 }, reader);
}

function nextOf(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

async function readPage(ids: string[], reader: Reader): Promise<ChangedPage> {
  const known = nothingKnown();
  const changes: Change[] = [];
  for (const id of ids.slice(0, perPage)) {
    changes.push(...((await readInvoice(id, reader, known)) ?? []));
  }
  const rest = ids.slice(perPage);
  return { changes, next: rest.length > 0 ? nextOf({ phase: "read", ids: rest }) : null };
}

/** The invoices that changed from then on, as far as one page holds, the oldest change first. */
export async function changedFrom(since: Instant, reader: Reader): Promise<Change[]> {
  return (await queryPage({ since, start: 1 }, reader)).changes;
}

/** Pages by the time of the last change: one that changes meanwhile moves to the end, not out of reach. */
async function queryPage(
  { since, start }: { since: Instant; start: number },
  reader: Reader,
): Promise<ChangedPage> {
  const statement =
    `select * from Invoice where MetaData.LastUpdatedTime >= '${zoned(since)}' ` +
    `orderby MetaData.LastUpdatedTime startposition ${start} maxresults ${perPage}`;
  const answer = await reader.api.get("/query", { query: statement }, QueryAnswer);
  const { Invoice: invoices } = answer.QueryResponse;
  const known = nothingKnown();
  const changes: Change[] = [];
  for (const invoice of invoices) changes.push(...(await withApplied(invoice, reader, known)));
  const last = invoices.at(-1)?.MetaData.LastUpdatedTime;
  if (last === undefined || invoices.length < perPage) {
    return { changes, next: nextOf({ phase: "deleted" }) };
  }
  const isSame = zoned(last) === zoned(since);
  const next = isSame ? { since, start: start + invoices.length } : { since: last, start: 1 };
  return { changes, next: nextOf({ phase: "query", ...next }) };
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
  const changes = [...captured.deleted];
  for (const invoice of captured.invoices.slice(0, perPage)) {
    changes.push(...(await withApplied(invoice, reader, known)));
    touched.delete(invoice.Id);
  }
  for (const { Id } of captured.invoices.slice(perPage)) touched.add(Id);
  const ids = [...touched];
  return { changes, next: ids.length > 0 ? nextOf({ phase: "read", ids }) : null };
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
  return {
    count: invoices.length + payments.length + creditMemos.length,
    deleted: invoices.flatMap((invoice) =>
      "status" in invoice ? [deletedInvoice(invoice.Id, invoice.MetaData.LastUpdatedTime)] : [],
    ),
    invoices: invoices.flatMap((invoice) => ("status" in invoice ? [] : [invoice])),
    payments: payments.flatMap((payment) => ("status" in payment ? [] : [payment])),
    creditMemos: creditMemos.flatMap((memo) => ("status" in memo ? [] : [memo])),
  };
}

/** As QuickBooks' own examples write it. */
function zoned(instant: Instant): string {
  return `${instant.slice(0, 19)}-00:00`;
}
