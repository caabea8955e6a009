import type { Change, InvoiceSnapshot, Line, Reference } from "#domain/change.ts";
import { dayIn, type Instant } from "#domain/time.ts";
import { clip } from "#domain/text.ts";
import { fromStripe, lineFromStripe, unitPrice } from "./amounts.ts";
import type {
  StripeCreditNote,
  StripeDispute,
  StripeInvoice,
  StripeInvoicePayment,
  StripeLine,
  StripeRefund,
} from "./objects.ts";

export interface Telling {
  /** Stripe's own clock when it said so: an invoice has neither a version nor a time of change. */
  version: Instant;
  /** IANA zone in which its due dates are days. */
  timeZone: string;
  account?: string | undefined;
  /** The metadata key under which another system's id of the invoice stands. */
  sameAsKey?: string | undefined;
  /** Its credit notes' sums, where they were read: older versions do not show them on the invoice. */
  credited?: { before: number; after: number } | undefined;
  /** Whether `amount_paid` is what was paid though the invoice shows no credit notes: it tells of a payment. */
  tellsPaid: boolean;
  isOverdue?: boolean;
  /** Ids of its credit notes, where all of them were read. */
  creditIds?: string[];
  /** Its event's place among those of one second. */
  rank: number;
}

/** The invoice as Stripe saw it at that time. */
export function toSnapshot(invoice: StripeInvoice, telling: Telling): InvoiceSnapshot {
  const { version, account, timeZone, sameAsKey } = telling;
  const issuedAt =
    invoice.effective_at ?? invoice.status_transitions?.finalized_at ?? invoice.created;
  const sameAs = sameAsKey === undefined ? undefined : invoice.metadata?.[sameAsKey];
  return {
    externalId: invoice.id,
    number: invoice.number ?? undefined,
    version,
    account,
    rank: telling.rank,
    creditIds: telling.creditIds,
    customer: {
      externalId: invoice.customer ?? undefined,
      name: invoice.customer_name?.trim() || undefined,
      email: invoice.customer_email?.trim() || undefined,
    },
    state: stateOf(invoice.status),
    overdue: telling.isOverdue && invoice.status === "open" ? true : undefined,
    currency: invoice.currency.toUpperCase(),
    ...sums(invoice, telling),
    issuedOn: invoice.status === "draft" ? undefined : dayIn(timeZone, issuedAt),
    dueOn: invoice.due_date ? dayIn(timeZone, invoice.due_date) : undefined,
    references: invoice.custom_fields ? purchaseOrders(invoice.custom_fields) : undefined,
    lines: linesOf(invoice),
    description: invoice.description ? clip(invoice.description, 500) : undefined,
    payUrl: invoice.hosted_invoice_url ?? undefined,
    documentRef: invoice.invoice_pdf ?? undefined,
    sameAs: sameAs ? { externalId: sameAs } : undefined,
  };
}

/**
 * `total` holds always. What is due is `amount_remaining`, which credit notes and the customer's
 * balance have lowered already; of a voided invoice the status counts, not the amounts. What a credit
 * note gave back after payment is no longer paid, though `amount_paid` has it still; a refund without a
 * credit note leaves a paid invoice paid.
 */
function sums(invoice: StripeInvoice, telling: Telling) {
  const { status, currency } = invoice;
  const total = fromStripe(invoice.total, currency);
  if (status === "draft" || status === "void") return { total };
  // Before 2025-03-31.basil what was paid elsewhere stayed in `amount_remaining`; the status is right.
  const elsewhere = status === "paid" ? invoice.amount_remaining : 0;
  const due = fromStripe(invoice.amount_remaining - elsewhere, currency);
  const credited = telling.credited ?? creditedOn(invoice);
  const isKnown = credited !== undefined || telling.tellsPaid || status === "open";
  if (!isKnown && invoice.amount_paid !== 0) return { total, due };
  const paid = invoice.amount_paid + elsewhere - (credited?.after ?? 0);
  return {
    ...{ total, due, paid: fromStripe(paid, currency) },
    ...(credited && { credited: fromStripe(credited.before + credited.after, currency) }),
  };
}

/** What its credit notes lowered, as the invoice itself shows it; undefined where it does not. */
function creditedOn(invoice: StripeInvoice): Telling["credited"] {
  const before = invoice.pre_payment_credit_notes_amount;
  const after = invoice.post_payment_credit_notes_amount;
  return typeof before === "number" && typeof after === "number" ? { before, after } : undefined;
}

function stateOf(status: string | null): InvoiceSnapshot["state"] {
  if (status === "draft" || status === "void") return status;
  if (status === "uncollectible") return "written_off";
  return status === "open" || status === "paid" ? "issued" : undefined;
}

function purchaseOrders(fields: { name: string; value: string }[]): Reference[] {
  return fields
    .filter(({ name, value }) => /^(po|p\.o\.|purchase order)\b/i.test(name.trim()) && value !== "")
    .map(({ value }) => ({ kind: "po", value: clip(value, 200) }));
}

/** Undefined where the list was cut: lines that are missing would look as if they were not there. */
function linesOf({ lines, currency }: StripeInvoice): Line[] | undefined {
  if (!lines || lines.has_more) return undefined;
  return lines.data.map((line) => toLine(line, currency));
}

function toLine(line: StripeLine, currency: string): Line {
  const minor = (amount: number) => lineFromStripe(amount, currency);
  const taxes =
    line.taxes?.map((tax) => ({ ...tax, inclusive: tax.tax_behavior === "inclusive" })) ??
    line.tax_amounts ??
    [];
  const tax = sum(taxes);
  const included = sum(taxes.filter(({ inclusive }) => inclusive));
  const price = line.pricing?.unit_amount_decimal ?? line.price?.unit_amount_decimal;
  return {
    id: line.id,
    description: clip(line.description ?? "", 1000),
    quantity: line.quantity_decimal ?? line.quantity ?? undefined,
    unitPrice: unitPrice(price, currency),
    ...(taxes.length > 0 && { net: minor(line.amount - included), tax: minor(tax) }),
    total: minor(line.amount + tax - included),
  };
}

function sum(taxes: { amount: number }[]): number {
  return taxes.reduce((total, { amount }) => total + amount, 0);
}

/**
 * The place of a payment or credit among the events of its second: an update may tell of it or may not,
 * that the invoice is paid includes it.
 */
export const itemRank = 1_000_000_000_000;

/** A payment that reached an invoice; nothing while it is open or was cancelled. */
export function toPayment(paid: StripeInvoicePayment): Change[] {
  if (paid.status !== "paid" || !paid.amount_paid) return [];
  const at = paid.status_transitions?.paid_at ?? paid.created;
  const { payment_intent, charge, payment_record } = paid.payment ?? {};
  return [
    {
      kind: "payment",
      invoice: { externalId: paid.invoice },
      // The time of the fact, which is the same however often and in which event it is told.
      ...{ version: at, toldAt: at, occurredAt: at, rank: itemRank },
      paymentId: paid.id,
      stage: "received",
      amount: fromStripe(paid.amount_paid, paid.currency),
      reference: payment_intent ?? charge ?? payment_record ?? undefined,
      method: "stripe",
    },
  ];
}

/**
 * A credit note. The part before payment lowers what is due. The part after payment leaves it as it is:
 * what was paid goes back by a refund, outside Stripe or to the customer's balance, told as money given
 * back beside the credit of the same amount.
 */
export function toCredit(note: StripeCreditNote): Change[] {
  const amount = beforePayment(note) + afterPayment(note);
  if (amount === 0) return [];
  const isVoid = note.status === "void";
  const at = (isVoid ? note.voided_at : undefined) ?? note.created;
  const about = {
    invoice: { externalId: note.invoice },
    ...{ version: at, toldAt: at, occurredAt: note.effective_at ?? note.created, rank: itemRank },
    reason: note.memo || note.reason?.replaceAll("_", " ") || undefined,
  };
  const credit: Change = {
    kind: "credit",
    ...about,
    creditId: note.id,
    type: "credit_note",
    amount: fromStripe(amount, note.currency),
    ...(isVoid && { voided: true }),
  };
  const back = givenBack(note).map(({ id, amount: returned, method }): Change => ({
    kind: "payment",
    ...about,
    paymentId: id,
    stage: isVoid ? "failed" : "refunded",
    isRefund: true,
    amount: fromStripe(returned, note.currency),
    method,
  }));
  return [credit, ...back];
}

/** Lowers what is due. */
export function beforePayment(note: StripeCreditNote): number {
  return note.pre_payment_amount ?? (note.type === "post_payment" ? 0 : note.amount);
}

/** Lowers nothing that is due: it was paid already. */
export function afterPayment(note: StripeCreditNote): number {
  return note.post_payment_amount ?? (note.type === "post_payment" ? note.amount : 0);
}

/** How the part after payment went back: each refund under its own id, which reading it tells as well. */
function givenBack(note: StripeCreditNote): { id: string; amount: number; method: string }[] {
  const after = afterPayment(note);
  const named = note.refunds ?? [];
  const one = named.length === 0 && note.refund ? [{ refund: note.refund, amount: after }] : [];
  const refunds = [
    ...named.map((each) => ({ ...each, amount: each.amount_refunded ?? 0 })),
    ...one,
  ];
  const told = refunds.flatMap(({ refund, amount }) =>
    refund && amount > 0 ? [{ id: refund, amount, method: "stripe" }] : [],
  );
  const rest = after - told.reduce((sum, { amount }) => sum + amount, 0);
  const method = note.out_of_band_amount ? "outside Stripe" : "customer balance";
  return rest > 0 ? [...told, { id: note.id, amount: rest, method }] : told;
}

/**
 * Money given back. A refund may fail after it succeeded, even days later: `readAt` is then the version,
 * since a refund does not say when that was.
 */
export function toRefund(refund: StripeRefund, invoice: string, readAt: Instant): Change[] {
  const hasFailed = refund.status === "failed" || refund.status === "canceled";
  if (refund.status !== "succeeded" && !hasFailed) return [];
  const at = refund.created;
  const version = hasFailed ? readAt : at;
  const reason = hasFailed ? "the refund failed" : refund.reason?.replaceAll("_", " ");
  return [
    {
      kind: "payment",
      invoice: { externalId: invoice },
      ...{ version, toldAt: version, occurredAt: at, rank: itemRank },
      ...{ paymentId: refund.id, isRefund: true, stage: hasFailed ? "failed" : "refunded" },
      ...{ amount: fromStripe(refund.amount, refund.currency), method: "stripe", reason },
      reference: refund.payment_intent ?? refund.charge ?? undefined,
    },
  ];
}

const closed = new Set(["won", "lost", "warning_closed", "prevented"]);

/** A card's bank took money back or threatens to: a chargeback, never a dispute of ours. */
export function toChargeback(dispute: StripeDispute, invoice: string, version: Instant): Change {
  const isClosed = closed.has(dispute.status);
  const isNew = dispute.status.endsWith("needs_response");
  return {
    kind: "chargeback",
    invoice: { externalId: invoice },
    ...{ version, toldAt: version, occurredAt: isNew ? dispute.created : version },
    chargebackId: dispute.id,
    stage: isClosed ? "closed" : isNew ? "opened" : "updated",
    amount: fromStripe(dispute.amount, dispute.currency),
    reason: dispute.reason.replaceAll("_", " "),
    ...(isClosed && { outcome: dispute.status.replaceAll("_", " ") }),
  };
}
