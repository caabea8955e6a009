import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import type { DisputeRow, InvoiceRow } from "#db/schema.ts";
import type { LedgerEvent } from "#server/domain/event.ts";
import type { Money } from "#server/domain/money.ts";
import type { Instant } from "#server/domain/time.ts";
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
  /** When `invoice` was read: balances are true as of then. */
  asOf: Instant;
  /** The name behind a connection's id; another author as it is. */
  nameOf: (author: string) => string;
  reader: Reader;
  supplier: Supplier;
  publicUrl: string;
}

/** Reads invoice and dispute of an event; undefined when the invoice is not there (any more). */
export async function readInvoice(db: Db, event: LedgerEvent) {
  const invoice = await db
    .selectFrom("invoices")
    .selectAll()
    .where("id", "=", event.invoice ?? "")
    .executeTakeFirst();
  if (!invoice) return undefined;
  const disputeId = disputeIdOf(event);
  const disputes = db.selectFrom("disputes").where("invoice_id", "=", invoice.id);
  const open = await disputes
    .select(sql<number>`coalesce(sum(amount), 0)`.as("amount"))
    .where("state", "in", ["open", "under_review", "waiting_for_customer"])
    .executeTakeFirstOrThrow();
  const dispute = disputeId
    ? await disputes.selectAll().where("id", "=", disputeId).executeTakeFirst()
    : undefined;
  return { invoice, dispute: dispute ?? null, disputed: Number(open.amount) };
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
