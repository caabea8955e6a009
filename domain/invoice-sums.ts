import type { InvoiceView } from "./invoice.ts";

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
