import { z } from "zod";

/** The states of a dispute (field.md, "Disputes"). `reopened` is an event that leads back to `open`. */
export const DisputeState = z.enum([
  "open",
  "under_review",
  "waiting_for_customer",
  "resolved",
  "rejected",
  "withdrawn",
]);
export type DisputeState = z.infer<typeof DisputeState>;

export const ReasonCode = z.enum([
  "price_incorrect",
  "quantity_incorrect",
  "not_delivered",
  "incomplete_delivery",
  "damaged",
  "poor_quality",
  "wrong_item",
  "duplicate",
  "reference_missing",
  "proof_missing",
  "tax_incorrect",
  "discount_missing",
  "charge_incorrect",
  "terms_incorrect",
  "total_incorrect",
  "wrong_recipient",
  "not_ordered",
  "contract_ended",
  "bank_details_doubtful",
  "already_paid",
  "other",
]);
export type ReasonCode = z.infer<typeof ReasonCode>;

const closed = new Set<DisputeState>(["resolved", "rejected", "withdrawn"]);

/** Whether somebody still has to do something about it. */
export function isOpen(state: DisputeState): boolean {
  return !closed.has(state);
}

/** Where a dispute may go from each state; what is missing here is refused. */
const moves: Record<DisputeState, readonly DisputeState[]> = {
  open: ["under_review", "waiting_for_customer", "resolved", "rejected", "withdrawn"],
  under_review: ["open", "waiting_for_customer", "resolved", "rejected", "withdrawn"],
  waiting_for_customer: ["open", "under_review", "resolved", "rejected", "withdrawn"],
  resolved: ["open"],
  rejected: ["open"],
  withdrawn: ["open"],
};

export function mayMove(from: DisputeState, to: DisputeState): boolean {
  return moves[from].includes(to);
}

/** Whether the credit that a dispute was resolved with is not booked yet; minor units. */
export function isCreditPending(
  dispute: { credit_expected: number | null },
  invoice: { credited: number },
): boolean {
  return dispute.credit_expected !== null && dispute.credit_expected > invoice.credited;
}

/** Part of a dispute that is about one line, with what the customer thinks correct. */
export const DisputedLine = z.object({
  lineId: z.string(),
  /** A decimal in words of the line, e.g. the price "2.70": shown, never calculated with. */
  correctValue: z.string().max(60).optional(),
  amount: z.int().nonnegative().optional(),
});
export type DisputedLine = z.infer<typeof DisputedLine>;
