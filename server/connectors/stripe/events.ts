import type { Change } from "#domain/change.ts";
import { fromStripe } from "./amounts.ts";
import {
  StripeCharge,
  StripeCreditNote,
  StripeDispute,
  type StripeEvent,
  StripeIdentity,
  StripeInvoice,
  StripeInvoicePayment,
  StripeRefund,
} from "./objects.ts";
import { readValue } from "#server/connectors/kit/json.ts";
import { itemRank, toCredit, toPayment, toSnapshot, type Telling } from "./snapshot.ts";

/** What is asked for in `changedSince`: at most 20 types go into one call. */
export const followedTypes = [
  "invoice.finalized",
  "invoice.updated",
  "invoice.paid",
  "invoice.payment_failed",
  "invoice.overdue",
  "invoice.voided",
  "invoice.marked_uncollectible",
  "invoice_payment.paid",
  "credit_note.created",
  "credit_note.updated",
  "credit_note.voided",
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
];

export interface EventSettings {
  timeZone: string;
  sameAsKey?: string | undefined;
}

/** What an event says; empty for what does not concern an invoice. Throws RequestError 422. */
export function changesIn(event: StripeEvent, settings: EventSettings): Change[] {
  const { object } = event.data;
  const read = <T>(schema: Parameters<typeof readValue<T>>[0]) =>
    readValue(schema, object, "data.object");
  switch (object.object) {
    case "invoice":
      // An upcoming invoice has no id yet.
      if (event.type === "invoice.upcoming") return [];
      if (event.type === "invoice.deleted") return [deleted(event, read(StripeIdentity).id)];
      return isOwnEcho(event) ? [] : invoiceChanges(event, read(StripeInvoice), settings);
    case "invoice_payment":
      return toPayment(read(StripeInvoicePayment));
    case "credit_note":
      return toCredit(read(StripeCreditNote));
    case "refund":
      return aboutPayment(event, read(StripeRefund).id);
    case "dispute":
      return aboutPayment(event, read(StripeDispute).id);
    case "charge":
      return event.type === "charge.refunded" ? refundedCharge(event, read(StripeCharge)) : [];
    default:
      return [];
  }
}

/** Stripe deletes drafts: it says nothing of an invoice that the portal does not know. */
function deleted({ created, account }: StripeEvent, externalId: string): Change {
  const ref = { externalId, account: account ?? undefined };
  return { kind: "invoice", invoice: { ...ref, version: created, state: "void", isGone: true } };
}

/**
 * A refund and a chargeback name the payment but not its invoice: reading the object leads there, and
 * `fetch` gives the invoice together with it.
 */
function aboutPayment({ account }: StripeEvent, id: string): Change[] {
  return [{ kind: "fetch", invoice: { externalId: id, account: account ?? undefined } }];
}

function refundedCharge(
  event: StripeEvent,
  { id, invoice }: { id: string; invoice?: string | null | undefined },
) {
  return aboutPayment(event, invoice ?? id);
}

/** At this moment what was paid is told, and nothing can have been credited of it since. */
const tellsPaid = new Set(["invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]);

/** An update says what it changed; of a payment it tells as `invoice.paid` does, which may come later. */
function isPayment({ type, data }: StripeEvent): boolean {
  const before = data.previous_attributes ?? {};
  return tellsPaid.has(type) || "amount_paid" in before || before["status"] === "open";
}

/**
 * Events carry whole seconds: of those within one, the later by nature stands. Of updates, which stand
 * between the two groups, it is the one that leaves less open; payments and credits have `itemRank`.
 */
const early = new Map([
  ["invoice.created", 0],
  ["invoice.finalized", 1],
  ["invoice.payment_failed", 2],
  ["invoice.overdue", 2],
]);
const late = new Map([
  ["invoice.marked_uncollectible", itemRank + 1],
  ["invoice.payment_succeeded", itemRank + 2],
  ["invoice.paid", itemRank + 2],
  ["invoice.voided", itemRank + 3],
]);

function rankOf(type: string, { status, total, amount_remaining }: StripeInvoice): number {
  const known = early.get(type) ?? late.get(type);
  if (known !== undefined) return known;
  if (status === "paid") return itemRank;
  return Math.min(itemRank - 1, 3 + Math.max(0, total - amount_remaining));
}

function invoiceChanges(
  event: StripeEvent,
  invoice: StripeInvoice,
  { timeZone, sameAsKey }: EventSettings,
): Change[] {
  const { type, created, account } = event;
  const telling: Telling = {
    ...{ version: created, timeZone, sameAsKey, account: account ?? undefined },
    tellsPaid: isPayment(event),
    isOverdue: type === "invoice.overdue",
    rank: rankOf(type, invoice),
  };
  const changes: Change[] = [{ kind: "invoice", invoice: toSnapshot(invoice, telling) }];
  const ref = { externalId: invoice.id };
  if (type === "invoice.payment_failed") changes.push(failedPayment(invoice, created));
  // The event carries only the first lines of a long invoice.
  if (invoice.lines?.has_more)
    changes.push({ kind: "fetch", invoice: { ...ref, account: account ?? undefined } });
  return changes;
}

/** One try that failed; nothing but the count of tries tells it from the next. */
function failedPayment(invoice: StripeInvoice, at: string): Change {
  const { id, attempt_count, amount_remaining, currency } = invoice;
  return {
    kind: "payment",
    invoice: { externalId: id },
    ...{ version: at, toldAt: at, occurredAt: at },
    paymentId: `${id}:attempt-${attempt_count ?? 1}`,
    stage: "failed",
    amount: fromStripe(amount_remaining, currency),
    method: "stripe",
    reference: invoice.payment_intent ?? invoice.charge ?? undefined,
  };
}

/** What we wrote comes back as an update of nothing but our own keys. */
function isOwnEcho({ type, data }: StripeEvent): boolean {
  const before = data.previous_attributes;
  if (type !== "invoice.updated" || !before) return false;
  const names = Object.keys(before);
  const metadata = before.metadata;
  if (
    !names.includes("metadata") ||
    !names.every((name) => name === "metadata" || name === "auto_advance")
  ) {
    return false;
  }
  if (typeof metadata !== "object" || metadata === null)
    return metadata === null && hasOnlyOurs(data.object);
  return Object.keys(metadata).length > 0 && Object.keys(metadata).every(isOurs);
}

function hasOnlyOurs({ metadata }: Record<string, unknown>): boolean {
  if (typeof metadata !== "object" || metadata === null) return false;
  return Object.keys(metadata).every(isOurs);
}

function isOurs(key: string): boolean {
  return key.startsWith("portal_");
}
