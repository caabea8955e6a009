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

export const invoiceStatuses = [
  "draft",
  "open",
  "partially_paid",
  "overdue",
  "paid",
  "void",
  "written_off",
] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];

/** The first that holds (design: rule 5): draft, void, written_off, paid, overdue, partially_paid, open. */
export function statusOf(
  view: Pick<
    InvoiceView,
    "state" | "due" | "paid" | "credited" | "otherwise" | "dueOn" | "overdueFor"
  >,
): InvoiceStatus {
  if (view.state !== "issued") return view.state;
  if (view.due <= 0) return "paid";
  if (view.overdueFor !== null && view.overdueFor === view.dueOn) return "overdue";
  return view.paid + view.credited + (view.otherwise ?? 0) > 0 ? "partially_paid" : "open";
}

/** What pages and the API show of an invoice's money, minor units; `due` is 0 once nothing is asked for it. */
export interface ShownSums {
  status: InvoiceStatus;
  total: number;
  paid: number;
  credited: number;
  due: number;
}

/** Whether the supplier still wants anything for it: a voided or written-off invoice asks for nothing. */
export function isAsked({ status }: Pick<ShownSums, "status">): boolean {
  return status !== "void" && status !== "written_off";
}

/** What left the balance of an invoice that is asked for without a payment or a credit; of any other 0. */
export function settledOtherwise(sums: ShownSums): number {
  return isAsked(sums) ? sums.total - sums.paid - sums.credited - sums.due : 0;
}

/**
 * What became of the whole total. Of an invoice that is no longer asked for, its sums do not say what was
 * settled otherwise before: `before` does.
 */
export function partsOfTotal(sums: ShownSums, before: number) {
  const { status, total, paid, credited } = sums;
  const otherwise = isAsked(sums) ? settledOtherwise(sums) : before;
  const left = Math.max(0, total - paid - credited - otherwise);
  return {
    paid,
    credited,
    otherwise,
    asked: isAsked(sums) ? left : 0,
    void: status === "void" ? left : 0,
    written_off: status === "written_off" ? left : 0,
  };
}

/** How much of a total is no longer due (0 to 1), however it was settled. */
export function settledShare({ total, due }: Pick<ShownSums, "total" | "due">): number {
  return total === 0 ? 0 : (total - due) / total;
}

export const ageingBuckets = ["not_due", "1_30", "31_60", "61_90", "over_90"] as const;
export type AgeingBucket = (typeof ageingBuckets)[number];
