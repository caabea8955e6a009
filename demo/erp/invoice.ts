import { z } from "zod";

const Amount = z.int(); // minor units of the invoice's currency
const Instant = z.iso.datetime({ precision: 3 }); // compared as text

const Line = z.object({
  id: z.string(),
  description: z.string(),
  quantity: z.string().regex(/^-?\d+(\.\d+)?$/),
  unit: z.string(),
  unitPrice: Amount,
  net: Amount,
  taxRate: z.string().regex(/^\d+(\.\d+)?$/), // percent
  total: Amount, // tax included
});

const Payment = z.object({
  id: z.string(),
  amount: Amount,
  at: Instant,
  method: z.string(),
  reference: z.string().nullable().default(null),
  stage: z.enum(["received", "failed"]).default("received"),
});

const Credit = z.object({
  id: z.string(),
  kind: z.enum(["credit_note", "discount"]).default("credit_note"),
  amount: Amount,
  at: Instant,
  reason: z.string(),
});

export const DisputeState = z.enum([
  "open",
  "under_review",
  "waiting_for_customer",
  "resolved",
  "rejected",
  "withdrawn",
]);

/** A dispute as the portal told it; `id` is the portal's, `reference` (CASE-001) is ours. */
export const Dispute = z.object({
  id: z.string(),
  reference: z.string(),
  state: DisputeState,
  reason: z.string(),
  amount: Amount.nullable(), // null: the whole invoice
  credited: Amount.nullable().default(null),
  message: z.string().default(""),
  openedBy: z.string(),
  openedAt: Instant,
  history: z
    .array(z.object({ at: Instant, from: z.enum(["portal", "erp"]), text: z.string() }))
    .default([]),
});
export type Dispute = z.output<typeof Dispute>;

const Comment = z.object({
  id: z.string(),
  reference: z.string(),
  from: z.enum(["portal", "erp"]),
  by: z.string(),
  text: z.string(),
  at: Instant,
});

const PaymentPromise = z.object({
  id: z.string(),
  reference: z.string(),
  on: z.iso.date(),
  amount: Amount.nullable(), // null: what is open on the day
  by: z.string(),
  at: Instant,
});

/** One invoice with all that belongs to it; amounts are integers in minor units. */
export const ErpInvoice = z.object({
  id: z.string(),
  number: z.string(),
  customer: z.object({ id: z.string(), name: z.string(), email: z.string().nullable() }),
  currency: z.string().regex(/^[A-Z]{3}$/),
  total: Amount,
  paid: Amount,
  credited: Amount,
  issuedOn: z.iso.date(),
  dueOn: z.iso.date(),
  status: z.enum(["draft", "open", "partially_paid", "paid", "overdue", "void", "written_off"]),
  poNumber: z.string().nullable(),
  description: z.string(),
  references: z.array(z.object({ kind: z.string(), value: z.string() })).default([]),
  lines: z.array(Line),
  payments: z.array(Payment),
  credits: z.array(Credit),
  disputes: z.array(Dispute).default([]),
  comments: z.array(Comment).default([]),
  promises: z.array(PaymentPromise).default([]),
  journal: z.array(z.object({ at: Instant, text: z.string() })).default([]),
  version: z.int().positive(),
  updatedAt: Instant,
});
/** An invoice as a seed hands it over: what has a default may be left out. */
export type ErpInvoice = z.input<typeof ErpInvoice>;
/** An invoice as the ERP holds it. */
export type Invoice = z.output<typeof ErpInvoice>;

/** What is still to be paid, in minor units; negative when too much was paid or credited. */
export function balanceOf({ total, paid, credited }: Invoice): number {
  return total - paid - credited;
}

/** The status on a day (YYYY-MM-DD): what people decided stays, the rest follows from amounts and dates. */
export function statusOn(invoice: Invoice, day: string): Invoice["status"] {
  if (isHeld(invoice)) return invoice.status;
  if (balanceOf(invoice) <= 0) return "paid";
  if (invoice.dueOn < day) return "overdue";
  return invoice.paid + invoice.credited > 0 ? "partially_paid" : "open";
}

/** Whether nothing is asked for: not yet issued, voided or written off. */
export function isHeld({ status }: Invoice): boolean {
  return status === "draft" || status === "void" || status === "written_off";
}

/** Whether a dispute still waits for someone. */
export function isOpen({ state }: Dispute): boolean {
  return state === "open" || state === "under_review" || state === "waiting_for_customer";
}
