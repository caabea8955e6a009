import { z } from "zod";
import { EpochSeconds } from "#server/connectors/kit/dates.ts";
import { ExactNumber } from "#server/connectors/kit/json.ts";

// Enum values are open sets: what is not known here stays text. Newer API versions leave fields out.
const Amount = z.int();
/** What was paid, refunded, credited or charged back: the object's kind says which way it went. */
const Moved = z.int().min(0, "is negative");
const At = EpochSeconds.nullish();
const Text = z.string().nullish();
/** An id, or the object itself where it was expanded. */
const Id = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);
const Metadata = z.record(z.string(), z.string()).nullish();
const Quantity = z
  .union([z.number().transform(String), z.instanceof(ExactNumber).transform(({ text }) => text)])
  .nullish();

const StripeLine = z.object({
  id: z.string(),
  description: Text,
  amount: Amount,
  quantity: Quantity,
  quantity_decimal: Text,
  pricing: z.object({ unit_amount_decimal: Text }).nullish(),
  price: z.object({ unit_amount_decimal: Text }).nullish(),
  taxes: z.array(z.object({ amount: Amount, tax_behavior: Text })).nullish(),
  tax_amounts: z.array(z.object({ amount: Amount, inclusive: z.boolean() })).nullish(),
});
export type StripeLine = z.infer<typeof StripeLine>;
export const StripeLines = z.object({ data: z.array(StripeLine), has_more: z.boolean() });

/** How much of a payment went to an invoice. */
export const StripeInvoicePayment = z.object({
  object: z.literal("invoice_payment"),
  id: z.string(),
  invoice: Id,
  amount_paid: Moved.nullish(),
  amount_requested: Amount,
  currency: z.string(),
  status: z.string(),
  created: EpochSeconds,
  payment: z
    .object({
      type: z.string(),
      payment_intent: Id.nullish(),
      charge: Id.nullish(),
      payment_record: Id.nullish(),
    })
    .nullish(),
  status_transitions: z.object({ paid_at: At, canceled_at: At }).nullish(),
});
export type StripeInvoicePayment = z.infer<typeof StripeInvoicePayment>;

export const StripeInvoice = z.object({
  object: z.literal("invoice"),
  id: z.string(),
  number: Text,
  status: z.string().nullable(),
  currency: z.string(),
  customer: Id.nullish(),
  customer_name: Text,
  customer_email: Text,
  created: EpochSeconds,
  effective_at: At,
  due_date: At,
  total: Amount,
  amount_paid: Amount,
  amount_remaining: Amount,
  /** What its credit notes lowered before payment, and what they gave back or credited after it. */
  pre_payment_credit_notes_amount: Moved.nullish(),
  post_payment_credit_notes_amount: Moved.nullish(),
  attempt_count: z.int().nullish(),
  auto_advance: z.boolean().nullish(),
  description: Text,
  hosted_invoice_url: Text,
  invoice_pdf: Text,
  metadata: Metadata,
  custom_fields: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  status_transitions: z.object({ finalized_at: At, voided_at: At }).nullish(),
  /** Before 2025-03-31.basil. */
  payment_intent: Id.nullish(),
  charge: Id.nullish(),
  lines: StripeLines.nullish(),
  payments: z.object({ data: z.array(StripeInvoicePayment), has_more: z.boolean() }).nullish(),
});
export type StripeInvoice = z.infer<typeof StripeInvoice>;

export const StripeCreditNote = z.object({
  object: z.literal("credit_note"),
  id: z.string(),
  invoice: Id,
  currency: z.string(),
  amount: Moved,
  /** Newer versions say which part lowers what is due; before, the type said it of the whole. */
  pre_payment_amount: Moved.nullish(),
  post_payment_amount: Moved.nullish(),
  /** What of it was refunded; older versions name one refund. */
  refunds: z.array(z.object({ amount_refunded: Moved.nullish(), refund: Id.nullish() })).nullish(),
  refund: Id.nullish(),
  out_of_band_amount: Moved.nullish(),
  type: Text,
  status: z.string(),
  number: Text,
  memo: Text,
  reason: Text,
  created: EpochSeconds,
  effective_at: At,
  voided_at: At,
});
export type StripeCreditNote = z.infer<typeof StripeCreditNote>;

export const StripeRefund = z.object({
  object: z.literal("refund"),
  id: z.string(),
  amount: Moved,
  currency: z.string(),
  status: Text,
  reason: Text,
  created: EpochSeconds,
  payment_intent: Id.nullish(),
  charge: Id.nullish(),
});
export type StripeRefund = z.infer<typeof StripeRefund>;

export const StripeIdentity = z.object({ id: z.string() });

/** A chargeback: opened by a card's bank, never by the customer in the portal. */
export const StripeDispute = z.object({
  object: z.literal("dispute"),
  id: z.string(),
  amount: Moved,
  currency: z.string(),
  status: z.string(),
  reason: z.string(),
  created: EpochSeconds,
  payment_intent: Id.nullish(),
  charge: Id.nullish(),
});
export type StripeDispute = z.infer<typeof StripeDispute>;

export const StripeCharge = z.object({
  object: z.literal("charge"),
  id: z.string(),
  /** Before 2025-03-31.basil. */
  invoice: Id.nullish(),
  payment_intent: Id.nullish(),
});

export const StripeEvent = z.object({
  id: z.string(),
  object: z.literal("event"),
  type: z.string(),
  created: EpochSeconds,
  livemode: z.boolean(),
  account: Text,
  data: z.object({
    object: z.looseObject({ object: z.string() }),
    previous_attributes: z.record(z.string(), z.unknown()).nullish(),
  }),
});
export type StripeEvent = z.infer<typeof StripeEvent>;
