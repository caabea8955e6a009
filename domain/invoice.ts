import { z } from "zod";
import { CreditType, Line, PaymentStage, Reference } from "./change.ts";

/** A payment as shown: identified by (connection, id), once, however many systems told it. */
export const Payment = z.object({
  connection: z.string(),
  id: z.string(),
  stage: PaymentStage,
  amount: z.int(),
  reference: z.string().optional(),
  method: z.string().optional(),
  reason: z.string().optional(),
  occurredAt: z.string(),
  /** False while only a contributor knows it: "received by Stripe, not yet booked". */
  booked: z.boolean(),
});
export type Payment = z.infer<typeof Payment>;

export const Credit = z.object({
  connection: z.string(),
  id: z.string(),
  type: CreditType,
  amount: z.int(),
  reason: z.string().optional(),
  voided: z.boolean().optional(),
  occurredAt: z.string(),
});
export type Credit = z.infer<typeof Credit>;

/** The sums of an invoice, minor units: `due = total − paid − credited − otherwise`. */
export const Settlement = z.object({
  total: z.int(),
  paid: z.int(),
  credited: z.int(),
  due: z.int(),
  /** Part of `paid` that the owner told only as a sum. */
  inferred: z.int(),
  /** Part of `paid` that only contributors have told so far. */
  unbooked: z.int(),
  /** What left the balance without a payment, a credit or a reason; absent where nothing did. */
  otherwise: z.int().optional(),
});
export type Settlement = z.infer<typeof Settlement>;

/** An invoice as people see it: the fold of its events, and what events are derived against. */
export const InvoiceView = Settlement.extend({
  /** The connection that decides totals and status. */
  owner: z.string(),
  /** The owner's id of it, when it told one. */
  externalId: z.string().nullable(),
  number: z.string(),
  customerRecord: z.string(),
  customerName: z.string(),
  state: z.enum(["draft", "issued", "void", "written_off"]),
  currency: z.string(),
  issuedOn: z.string().nullable(),
  dueOn: z.string().nullable(),
  /** The due date for which it was found overdue. */
  overdueFor: z.string().nullable(),
  description: z.string().nullable(),
  payUrl: z.string().nullable(),
  documentRef: z.string().nullable(),
  references: z.array(Reference),
  lines: z.array(Line),
  payments: z.array(Payment),
  credits: z.array(Credit),
});
export type InvoiceView = z.infer<typeof InvoiceView>;

export const ageingBuckets = ["not_due", "1_30", "31_60", "61_90", "over_90"] as const;
export type AgeingBucket = (typeof ageingBuckets)[number];
