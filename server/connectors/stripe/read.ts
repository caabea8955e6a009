import { z } from "zod";
import type { Change, InvoiceRef } from "#domain/change.ts";
import { dayMs, type Instant } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import type { ChangedPage } from "#server/connectors/contract.ts";
import { eachApart } from "#server/connectors/kit/apart.ts";
import { readValue } from "#server/connectors/kit/json.ts";
import { type EventSettings, followedTypes } from "./events.ts";
import {
  StripeCharge,
  StripeCreditNote,
  StripeDispute,
  StripeInvoice,
  StripeInvoicePayment,
  StripeLines,
  StripeRefund,
} from "./objects.ts";
import type { StripeApi } from "./api.ts";
import {
  afterPayment,
  beforePayment,
  itemRank,
  type Telling,
  toChargeback,
  toCredit,
  toPayment,
  toRefund,
  toSnapshot,
} from "./snapshot.ts";

export interface Reader {
  api: StripeApi;
  settings: EventSettings;
}

const listOf = <T>(item: z.ZodType<T>) => z.object({ data: z.array(item), has_more: z.boolean() });
const Identified = z.object({ id: z.string() });

/**
 * The invoice with its payments, credit notes and refunds, as of Stripe's clock. A refund's (re_…),
 * charge's (ch_…) or chargeback's (dp_…) id leads to the invoice that was paid, if it was one. Null: the
 * invoice is not known.
 */
export async function fetchInvoice(
  { externalId }: InvoiceRef,
  reader: Reader,
): Promise<Change[] | null> {
  if (externalId === undefined) return []; // Stripe finds invoices by its own id only
  const { api } = reader;
  if (externalId.startsWith("in_")) return readInvoice(externalId, reader);
  const path = pathOf(externalId);
  if (path === undefined) return [];
  const found = await api.find(`${path}/${encodeURIComponent(externalId)}`, Paying);
  const invoice = found && (found.value.object === "charge" ? found.value.invoice : undefined);
  const intent = found?.value.payment_intent;
  const id = invoice ?? (intent ? await invoiceOf(intent, api) : null);
  if (!found || !id) return [];
  const changes = await readInvoice(id, reader);
  if (changes === null || found.value.object !== "dispute") return changes;
  return [...changes, toChargeback(found.value, id, found.at)];
}

const Paying = z.discriminatedUnion("object", [StripeRefund, StripeDispute, StripeCharge]);

function pathOf(id: string): string | undefined {
  if (/^(re|pyr)_/.test(id)) return "/v1/refunds";
  if (/^(dp|du)_/.test(id)) return "/v1/disputes";
  return /^(ch|py)_/.test(id) ? "/v1/charges" : undefined;
}

async function invoiceOf(paymentIntent: string, api: StripeApi): Promise<string | null> {
  const query = new URLSearchParams({
    "payment[type]": "payment_intent",
    "payment[payment_intent]": paymentIntent,
  });
  const { data } = await api.get(`/v1/invoice_payments?${query}`, listOf(StripeInvoicePayment));
  return data[0]?.invoice ?? null;
}

/** What is at least an invoice; whether it can be used is judged apart from its neighbours. */
const SomeInvoice = z.looseObject({ object: z.literal("invoice"), id: z.string() });

async function readInvoice(id: string, { api, settings }: Reader): Promise<Change[] | null> {
  const path = `/v1/invoices/${encodeURIComponent(id)}`;
  const found = await api.find(`${path}?expand[]=payments`, SomeInvoice);
  if (!found) return null;
  const read = readValue(StripeInvoice, found.value);
  const invoice = { ...read, lines: await wholeLines(path, read, api) };
  const [payments, notes] = await Promise.all([
    invoice.payments && !invoice.payments.has_more
      ? invoice.payments.data
      : listAll(`/v1/invoice_payments?invoice=${id}`, StripeInvoicePayment, api),
    listAll(`/v1/credit_notes?invoice=${id}`, StripeCreditNote, api),
  ]);
  const refunds = (
    await Promise.all(intentsOf(payments).map((intent) => refundsOf(intent, api)))
  ).flat();
  const standing = notes.filter(({ status }) => status !== "void");
  const credited = { before: sumOf(standing, beforePayment), after: sumOf(standing, afterPayment) };
  const telling: Telling = {
    ...{ version: found.at, ...settings, tellsPaid: true, rank: readRank },
    ...{ credited, creditIds: standing.map((note) => note.id) },
  };
  return [
    { kind: "invoice", invoice: toSnapshot(invoice, telling) },
    ...payments.flatMap(toPayment),
    ...notes.flatMap(toCredit),
    ...refunds.flatMap((refund) => toRefund(refund, id, found.at)),
  ];
}

/** A reading has all that happened in its second. */
const readRank = itemRank + 9;

function sumOf<T>(items: T[], amountOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}

function intentsOf(payments: StripeInvoicePayment[]): string[] {
  const intents = payments.flatMap(({ payment }) => payment?.payment_intent ?? []);
  return [...new Set(intents)];
}

function refundsOf(intent: string, api: StripeApi): Promise<StripeRefund[]> {
  return listAll(`/v1/refunds?payment_intent=${encodeURIComponent(intent)}`, StripeRefund, api);
}

/** The lines in full: an invoice itself carries only the first ones. */
async function wholeLines(path: string, invoice: StripeInvoice, api: StripeApi) {
  if (!invoice.lines?.has_more) return invoice.lines;
  const { shape } = StripeLines;
  return { data: await listAll(`${path}/lines`, shape.data.element, api), has_more: false };
}

const mostPages = 50;

async function listAll<T extends { id: string }>(
  path: string,
  item: z.ZodType<T>,
  api: StripeApi,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = 0; page < mostPages; page += 1) {
    const last = items.at(-1);
    const after = last ? `&starting_after=${encodeURIComponent(last.id)}` : "";
    const joint = path.includes("?") ? "&" : "?";
    const read = await api.get(`${path}${joint}limit=100${after}`, listOf(item));
    items.push(...read.data);
    if (!read.has_more || read.data.length === 0) return items;
  }
  throw new UpstreamError(`Stripe lists more than ${mostPages * 100} entries at ${path}`);
}

/** Stripe keeps events for 30 days; what is older is found by paging through what is still unpaid. */
const eventsKeptMs = 29 * dayMs;
const phases = ["open", "uncollectible", "events"] as const;

/**
 * Every invoice that something happened to since then, read anew: events say which. `cursor` is
 * `<phase>:<id of the last one>`.
 */
export async function changedSince(
  since: Instant,
  cursor: string | null,
  reader: Reader,
): Promise<ChangedPage> {
  const oldest = reader.api.http.now().getTime() - eventsKeptMs;
  const first = Date.parse(since) < oldest ? "open" : "events";
  const [phase = first, after = ""] = cursor?.split(":") ?? [];
  const page =
    phase === "events"
      ? await changedByEvents(Math.max(Date.parse(since), oldest), after, reader)
      : await changedByStatus(phase, after, reader);
  const read = await eachApart(
    page.ids,
    (id) => `Invoice ${id}`,
    async (id) => (await fetchInvoice({ externalId: id }, reader)) ?? [],
  );
  const following = phases[phases.findIndex((known) => known === phase) + 1];
  const next = page.last !== null ? `${phase}:${page.last}` : following ? `${following}:` : null;
  return { ...read, next };
}

async function changedByEvents(sinceMs: number, after: string, { api }: Reader) {
  const query = new URLSearchParams({
    limit: "100",
    "created[gte]": String(Math.floor(sinceMs / 1000)),
  });
  for (const type of followedTypes) query.append("types[]", type);
  if (after !== "") query.set("starting_after", after);
  const { data, has_more } = await api.get(`/v1/events?${query}`, listOf(Happened));
  const ids = new Set(data.flatMap((event) => subjectOf(event.data?.object) ?? []));
  return { ids: [...ids], last: has_more ? (data.at(-1)?.id ?? null) : null };
}

/** Only what leads to an invoice is read: the invoice itself is read anew. */
const Happened = Identified.extend({ data: z.object({ object: z.unknown() }).nullish() });

const Subject = z.object({
  id: z.string(),
  object: z.string(),
  invoice: z.union([z.string(), Identified.transform(({ id }) => id)]).nullish(),
});

/** Whose invoice an event's object leads to, as `fetchInvoice` takes it. */
function subjectOf(object: unknown): string | undefined {
  const read = Subject.safeParse(object);
  return read.success ? (read.data.invoice ?? read.data.id) : undefined;
}

async function changedByStatus(status: string, after: string, { api }: Reader) {
  const query = new URLSearchParams({ limit: "100", status });
  if (after !== "") query.set("starting_after", after);
  const { data, has_more } = await api.get(`/v1/invoices?${query}`, listOf(Identified));
  return { ids: data.map(({ id }) => id), last: has_more ? (data.at(-1)?.id ?? null) : null };
}
