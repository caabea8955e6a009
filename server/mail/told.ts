import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { findRecord, recordsBeside } from "#db/queries/records.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import type { InvoiceRow } from "#db/schema/invoices.ts";
import { type LedgerEvent, supplierChain } from "#domain/event.ts";
import { invoiceAsItWas } from "#server/ledger/verify/as-it-was.ts";
import { customerOf } from "#server/ledger/resolve.ts";
import { type Settlement } from "#domain/invoice.ts";
import { type InvoiceStatus, isAsked, statusOf } from "#domain/invoice-sums.ts";
import type { Money } from "#domain/money.ts";
import type { Instant } from "#domain/time.ts";
import type { Supplier } from "#db/queries/settings.ts";
import type { Fact } from "./content.ts";
import type { Reader } from "./reader.ts";

/** What a mail about an event is written from: the event, and the invoice as it is now. */
export interface Told {
  event: LedgerEvent;
  invoice: InvoiceRow;
  dispute: DisputeRow | null;
  /** What open disputes keep from being paid, minor units. */
  disputed: number;
  /** The invoice's status after the message that the event comes from; null: there is no invoice. */
  statusThen: InvoiceStatus | null;
  /** When `invoice` was read: balances are true as of then. */
  asOf: Instant;
  /** The name behind a connection's id; another author as it is. */
  nameOf: (author: string) => string;
  reader: Reader;
  supplier: Supplier;
  /** As in `Letter`. */
  publicUrl: string;
}

/** An invoice and a dispute as the customer of an event knows them. */
export interface ReadInvoice extends Pick<Told, "invoice" | "dispute" | "disputed" | "statusThen"> {
  /** Whose event it is; null: the supplier's own, or nobody signs in for the record. */
  customer: string | null;
  /** The invoice is another customer's by now: only what was said about it is news for this one. */
  isMoved: boolean;
}

/**
 * Reads invoice and dispute of an event; undefined when the invoice is not there (any more). Of an
 * invoice that is another customer's by now, only its number and total as they were are given.
 */
export async function readInvoice(
  db: Db,
  event: LedgerEvent,
  reader: "customer" | "finance",
): Promise<ReadInvoice | undefined> {
  const row = await db
    .selectFrom("invoices")
    .selectAll()
    .where("id", "=", event.invoice ?? "")
    .executeTakeFirst();
  if (!row) return undefined;
  const chain = event.chain === supplierChain ? row.customer_record_id : event.chain;
  const customer = await customerOf(db, chain);
  const isOwn =
    chain === row.customer_record_id || (customer !== null && customer === row.customer_id);
  const disputeId = disputeIdOf(event);
  const disputes = db.selectFrom("disputes").where("invoice_id", "=", row.id);
  const open = await disputes
    .select(sql<number>`coalesce(sum(amount), 0)`.as("amount"))
    .where("state", "in", ["open", "under_review", "waiting_for_customer"])
    .where("customer_record_id", "in", recordsBeside(db, chain))
    .executeTakeFirstOrThrow();
  const dispute = disputeId
    ? await disputes.selectAll().where("id", "=", disputeId).executeTakeFirst()
    : undefined;
  const invoice = isOwn ? row : await asItWas(db, { row, chain, reader });
  const disputed = isOwn ? Number(open.amount) : 0;
  const statusThen = await statusAfter(db, event, row.status);
  return { invoice, dispute: dispute ?? null, disputed, statusThen, customer, isMoved: !isOwn };
}

const closing = ["invoice.voided", "invoice.written_off"];

/** The status right after an event; that of an invoice that was never closed is the present one. */
async function statusAfter(
  db: Db,
  { invoice, chain, sequence }: LedgerEvent,
  now: InvoiceStatus,
): Promise<InvoiceStatus | null> {
  if (invoice === null || chain === supplierChain) return now;
  const rows = db.selectFrom("events").where("invoice_id", "=", invoice);
  const closed = await rows.select("sequence").where("type", "in", closing).limit(1).execute();
  if (closed.length === 0) return now;
  const then = await invoiceAsItWas(db, { invoice, chains: [chain], through: sequence });
  return then && statusOf(then);
}

/** An invoice as its former customer knew it, from whom nothing of it is due; finance reads its sums. */
async function asItWas(
  db: Db,
  { row, chain, reader }: { row: InvoiceRow; chain: string; reader: "customer" | "finance" },
): Promise<InvoiceRow> {
  const view = await invoiceAsItWas(db, { invoice: row.id, chains: [chain] });
  const name = view?.customerName ?? (await findRecord(db, chain))?.name ?? "";
  if (reader === "finance" || view === null) return { ...row, customer_name: name };
  const sums = { total: view.total, due: 0, paid: view.paid, credited: view.credited };
  return { ...row, ...sums, number: view.number, customer_name: name };
}

function disputeIdOf({ data }: LedgerEvent): string | undefined {
  if ("dispute" in data) return data.dispute.id;
  return "disputeId" in data ? data.disputeId : undefined;
}

/** An amount in the invoice's currency, as the reader reads it. */
export function moneyOf({ invoice, reader }: Told, amount: number): string {
  return reader.money({ amount, currency: invoice.currency });
}

/** The figure of a mail: minor units with the invoice's currency. */
export function figureOf({ invoice }: Told, amount: number): Money {
  return { amount: Math.abs(amount), currency: invoice.currency };
}

/** What was due right after an event about money, as the event itself says; of a closed invoice nothing. */
export function dueAfter({ statusThen }: Told, { settlement }: { settlement: Settlement }): number {
  return statusThen !== null && isAsked({ status: statusThen }) ? settlement.due : 0;
}

/** Total and what is still due, with the time at which that was true. */
export function balanceFacts(told: Told): Fact[] {
  const { invoice, reader, asOf, disputed } = told;
  const due = reader.words(invoice.due < 0 ? "fact.credit" : "fact.due");
  const time = reader.words("fact.asOf", { time: reader.time(asOf) });
  const facts: Fact[] = [
    { label: reader.words("fact.total"), value: moneyOf(told, invoice.total), sum: "plain" },
    { label: due, value: moneyOf(told, Math.abs(invoice.due)), sum: "bold", asOf: time },
  ];
  if (disputed > 0 && invoice.due > 0) {
    const value = moneyOf(told, Math.min(disputed, invoice.due));
    facts.push({ label: reader.words("fact.disputed"), value, sum: "plain" });
  }
  return facts;
}

export function invoiceButton({ reader, invoice, publicUrl }: Told) {
  const label = reader.words("button.invoice", { number: invoice.number });
  return { label, url: `${publicUrl}/invoices/${encodeURIComponent(invoice.id)}` };
}
