import type { Change, InvoiceSnapshot, Line, Reference } from "#domain/change.ts";
import type { Money } from "#domain/money.ts";
import type { Instant, Occurred } from "#domain/time.ts";
import { clip } from "#domain/text.ts";
import { notNegative } from "#server/connectors/kit/not-negative.ts";
import { lineAmount } from "#server/connectors/kit/rounded-amount.ts";
import { amountsOf } from "./amounts.ts";
import { dayOf, type LineItem, type XeroInvoice } from "./wire.ts";

/** What else is known of an invoice when it is told. */
export interface Beside {
  /** One of its credit notes is against the account that stands for bad debts. */
  isWrittenOff: boolean;
}

/**
 * An invoice to customers as Xero sees it now, with its payments and credits; nothing for a
 * supplier's bill.
 */
export function toChanges(invoice: XeroInvoice, { isWrittenOff }: Beside): Change[] {
  if (invoice.Type !== "ACCREC") return [];
  const { rounded, ...told } = sums(invoice);
  const payments = joined(paymentsOf(invoice), ({ paymentId }) => paymentId);
  const credits = joined(creditsOf(invoice, told.credited.amount), ({ creditId }) => creditId);
  const standing = isVoid(invoice) ? voidedSums(invoice, told) : told;
  const snapshot: InvoiceSnapshot = {
    ...toSnapshot(invoice),
    ...(isWrittenOff && { state: "written_off" }),
    ...standing,
    // A list that adds up to its sum is complete: what vanished from it was taken back.
    ...(sumOf(payments) === standing.paid.amount && {
      paymentIds: payments.map(({ paymentId }) => paymentId),
    }),
    ...(sumOf(credits) === standing.credited.amount && {
      creditIds: credits.map(({ creditId }) => creditId),
    }),
    ...(rounded && {
      description: `Rounded: Xero calculates two decimals, ${invoice.CurrencyCode} has fewer.`,
    }),
  };
  return [{ kind: "invoice", invoice: snapshot }, ...payments, ...credits];
}

function toSnapshot(invoice: XeroInvoice): InvoiceSnapshot {
  const { Contact, InvoiceNumber, LineItems } = invoice;
  return {
    externalId: invoice.InvoiceID,
    number: InvoiceNumber ? clip(InvoiceNumber, 100) : undefined,
    version: versionOf(invoice),
    customer: {
      externalId: Contact?.ContactID ?? undefined,
      name: Contact?.Name?.trim() || undefined,
      email: Contact?.EmailAddress?.trim() || undefined,
    },
    state: stateOf(invoice),
    ...(invoice.Status === "DELETED" && !invoice.SentToContact && { isGone: true }),
    currency: invoice.CurrencyCode,
    issuedOn: dayOf(invoice),
    dueOn: dayOf({ Date: invoice.DueDate, DateString: invoice.DueDateString }),
    references: referencesOf(invoice),
    lines: LineItems?.map((line, at) => toLine(line, at, invoice)),
  };
}

/**
 * Xero deletes only what was never approved, so customers hardly ever saw it; what was approved is
 * voided. A deleted invoice counts as void where somebody was told of it: `isGone` says nothing of one
 * that the portal does not know.
 */
function stateOf({ Status }: XeroInvoice): InvoiceSnapshot["state"] {
  switch (Status) {
    case "DRAFT":
    case "SUBMITTED":
      return "draft";
    case "DELETED":
      return "void";
    case "AUTHORISED":
    case "PAID":
      return "issued";
    case "VOIDED":
      return "void";
    default:
      return undefined;
  }
}

function isVoid(invoice: XeroInvoice): boolean {
  return stateOf(invoice) === "void";
}

/**
 * `AmountDue` is what Xero asks for. `AmountPaid` leaves out prepayments and overpayments, which it
 * counts as credits; to the customer they are payments. What else lowered the total is credit.
 */
function sums(invoice: XeroInvoice) {
  const { exact, round, isWhole } = amountsOf(invoice);
  const money = (amount: number): Money => ({ amount, currency: invoice.CurrencyCode });
  const early = [...(invoice.Prepayments ?? []), ...(invoice.Overpayments ?? [])];
  const earlier = early.reduce((sum, item) => sum + exact(item.AppliedAmount), 0);
  const [total, paid, due] = [
    exact(invoice.Total),
    exact(invoice.AmountPaid) + earlier,
    exact(invoice.AmountDue),
  ];
  const credited = total - paid - due;
  // What was rounded stays settled when it was, and nothing is credited that Xero did not credit.
  const shown = { total: round(total), paid: round(paid) };
  const credit = due === 0 && credited !== 0 ? shown.total - shown.paid : round(credited);
  return {
    total: money(shown.total),
    paid: money(due === 0 && credited === 0 ? shown.total : shown.paid),
    credited: money(credit),
    due: money(due === 0 ? 0 : shown.total - shown.paid - credit),
    rounded: ![total, paid, due].every(isWhole),
  };
}

/**
 * Voided: Xero lets nobody void what still has payments or credits, so nothing was paid. It may come
 * without its total; its lines still say what it was about.
 */
function voidedSums(invoice: XeroInvoice, { total }: { total: Money }) {
  const nothing = { amount: 0, currency: total.currency };
  return { total: voidedTotal(invoice, total), paid: nothing, credited: nothing };
}

function voidedTotal(invoice: XeroInvoice, total: Money): Money | undefined {
  if (total.amount !== 0) return total;
  const lines = (invoice.LineItems ?? []).map((line, at) => toLine(line, at, invoice));
  const amount = lines.reduce((sum, line) => sum + (line.total ?? 0), 0);
  return amount === 0 ? undefined : { amount, currency: total.currency };
}

type Told<K extends Change["kind"]> = Extract<Change, { kind: K }>;

function paymentsOf(invoice: XeroInvoice): Told<"payment">[] {
  const { Payments, Prepayments, Overpayments } = invoice;
  const standing = (Payments ?? []).filter(({ Status }) => Status !== "DELETED");
  const rounded = amountsOf(invoice).running();
  return [
    ...standing.map((item) => ({ ...item, id: item.PaymentID })),
    ...(Prepayments ?? []).map((item) => ({
      ...{ ...item, id: item.PrepaymentID, method: "prepayment" },
    })),
    ...(Overpayments ?? []).map((item) => ({
      ...{ ...item, id: item.OverpaymentID, method: "overpayment" },
    })),
  ]
    .map((item: Item) => toPayment(invoice, item, rounded))
    .filter(({ amount }) => amount.amount !== 0);
}

interface Item {
  id: string;
  method?: string;
  Amount?: string | null | undefined;
  AppliedAmount?: string | null | undefined;
  Reference?: string | null | undefined;
  Date?: string | null | undefined;
  DateString?: string | null | undefined;
}

type Rounded = (decimal: string | null | undefined) => number;

function toPayment(invoice: XeroInvoice, item: Item, rounded: Rounded): Told<"payment"> {
  const amount = rounded(item.Amount ?? item.AppliedAmount);
  return {
    kind: "payment",
    ...about(invoice),
    paymentId: item.id,
    stage: "received",
    amount: notNegative(`Payment ${item.id}`, { amount, currency: invoice.CurrencyCode }),
    occurredAt: whenOf(invoice, item),
    ...(item.Reference?.trim() && { reference: item.Reference.trim() }),
    ...(item.method !== undefined && { method: item.method }),
  };
}

/** Credit notes, and what the construction industry scheme holds back (CIS, United Kingdom). */
function creditsOf(invoice: XeroInvoice, credited: number): Told<"credit">[] {
  const rounded = amountsOf(invoice).running();
  const currency = invoice.CurrencyCode;
  const notes = (invoice.CreditNotes ?? []).map((note): Told<"credit"> => {
    const name = `Credit note ${note.CreditNoteNumber ?? note.CreditNoteID}`;
    const reason = note.CreditNoteNumber ?? note.Reference;
    return {
      kind: "credit",
      ...about(invoice),
      ...{ creditId: note.CreditNoteID, type: "credit_note" },
      amount: notNegative(name, { amount: rounded(note.AppliedAmount), currency }),
      ...(reason && { reason }),
      occurredAt: whenOf(invoice, note),
    };
  });
  const standing = notes.filter(({ amount }) => amount.amount !== 0);
  const amount = { amount: rounded(invoice.CISDeduction), currency };
  if (amount.amount === 0 || sumOf(standing) + amount.amount !== credited) return standing;
  const occurredAt = whenOf(invoice, invoice);
  const deduction = { creditId: "cis", type: "correction", reason: "CIS deduction" } as const;
  return [...standing, { kind: "credit", ...about(invoice), ...deduction, amount, occurredAt }];
}

/** What was applied to one invoice in several steps comes as several shares of one thing. */
function joined<T extends { amount: Money }>(items: T[], idOf: (item: T) => string): T[] {
  const byId = new Map<string, T>();
  for (const item of items) {
    const known = byId.get(idOf(item));
    const amount = (known?.amount.amount ?? 0) + item.amount.amount;
    byId.set(idOf(item), { ...(known ?? item), amount: { ...item.amount, amount } });
  }
  return [...byId.values()];
}

function sumOf(items: { amount: Money }[]): number {
  return items.reduce((sum, { amount }) => sum + amount.amount, 0);
}

function about(invoice: XeroInvoice) {
  return { invoice: { externalId: invoice.InvoiceID }, version: versionOf(invoice) };
}

/** A customer who is renamed changes what the invoice says, but not when Xero says it was changed. */
function versionOf({ UpdatedDateUTC, Contact }: XeroInvoice): Instant {
  const renamed = Contact?.UpdatedDateUTC ?? "";
  return renamed > UpdatedDateUTC ? renamed : UpdatedDateUTC;
}

function whenOf(invoice: XeroInvoice, item: Pick<Item, "Date" | "DateString">): Occurred {
  return dayOf(item) ?? invoice.UpdatedDateUTC;
}

/** A free text in Xero; customers write their order number there. */
function referencesOf({ Reference: text }: XeroInvoice): Reference[] | undefined {
  const value = text?.trim();
  if (!value) return undefined;
  const kind = /^(po|p\.o\.|purchase order)\b/i.test(value) ? "po" : "other";
  return [{ kind, value: clip(value, 200) }];
}

function toLine(line: LineItem, at: number, invoice: XeroInvoice): Line {
  const isIncluded = invoice.LineAmountTypes === "Inclusive";
  const tax = lineAmount(line.TaxAmount, invoice.CurrencyCode) ?? 0;
  const amount = lineAmount(line.LineAmount, invoice.CurrencyCode) ?? 0;
  const net = isIncluded ? amount - tax : amount;
  return {
    id: line.LineItemID ?? String(at + 1),
    description: clip(line.Description ?? "", 1000),
    quantity: line.Quantity ?? undefined,
    unitPrice: line.UnitAmount ?? undefined,
    ...(line.LineAmount && { net, tax, total: net + tax }),
  };
}
