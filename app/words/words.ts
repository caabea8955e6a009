/** The words of every state, once, for screens and for the names that screen readers hear. */
export const statusWords = {
  draft: "Draft",
  open: "Open",
  partially_paid: "Partially paid",
  paid: "Paid",
  overdue: "Overdue",
  void: "Void",
  written_off: "Written off",
};
export type Status = keyof typeof statusWords;

/** The word for an invoice: where its balance fell without any money, nothing of it is called paid. */
export function statusWord({ status, paid }: { status: Status; paid: number }): string {
  return status === "partially_paid" && paid <= 0 ? "Partly settled" : statusWords[status];
}

/** Words of its own for an invoice over nothing: nobody paid anything. */
export function wordsOverNothing(invoice: { status: Status; total: number; due: number }) {
  const isOverNothing = invoice.status === "paid" && invoice.total === 0 && invoice.due === 0;
  return isOverNothing ? "Nothing to pay" : undefined;
}

/** States of a dispute in a list of disputes; `none` is an invoice without one. */
export const disputeWords = {
  none: "Not disputed",
  open: "Open",
  under_review: "Under review",
  waiting_for_customer: "Waiting for customer",
  resolved: "Resolved",
  rejected: "Rejected",
  withdrawn: "Withdrawn",
};
export type DisputeWord = keyof typeof disputeWords;

/** The same states beside an invoice, where "Open" alone would speak about the money. */
export const invoiceDisputeWords: Record<DisputeWord, string> = {
  none: "Not disputed",
  open: "Dispute open",
  under_review: "Dispute under review",
  waiting_for_customer: "Dispute waits for customer",
  resolved: "Dispute resolved",
  rejected: "Dispute rejected",
  withdrawn: "Dispute withdrawn",
};

/** How far a mail or a write-back got. */
export const transportWords = {
  queued: "Queued",
  sent: "Sent, not confirmed",
  accepted: "Accepted",
  read_back: "Read back, equal",
  refused: "Refused",
  parked: "Needs a person",
};
export type Transport = keyof typeof transportWords;

export const healthWords = {
  working: "Working",
  slow: "Slow",
  silent: "Silent",
  paused: "Paused",
  lost: "Needs connecting",
  waiting: "Waiting for its first delivery",
  failing: "Not understood",
};
export type Health = keyof typeof healthWords;

export const ageingWords = {
  not_due: "Not yet due",
  "1_30": "1–30 days late",
  "31_60": "31–60 days",
  "61_90": "61–90 days",
  over_90: "over 90 days",
};
export type AgeingWord = keyof typeof ageingWords;

export const reasonWords = {
  price_incorrect: "Price incorrect",
  quantity_incorrect: "Quantity incorrect",
  not_delivered: "Not delivered",
  incomplete_delivery: "Delivery incomplete",
  damaged: "Damaged",
  poor_quality: "Poor quality",
  wrong_item: "Wrong item",
  duplicate: "Duplicate invoice",
  reference_missing: "PO number or reference missing",
  proof_missing: "Proof missing",
  tax_incorrect: "Tax incorrect",
  discount_missing: "Discount missing",
  charge_incorrect: "Freight or other charge incorrect",
  terms_incorrect: "Payment terms incorrect",
  total_incorrect: "Total incorrect",
  wrong_recipient: "Wrong recipient",
  not_ordered: "Not ordered",
  contract_ended: "Contract has ended",
  bank_details_doubtful: "Bank details doubtful",
  already_paid: "Already paid",
  other: "Something else",
};
export type Reason = keyof typeof reasonWords;

/** Titles of ledger events in plain language. */
export const eventWords = {
  "invoice.issued": "Invoice issued",
  "invoice.updated": "Invoice changed",
  "invoice.adjusted": "Credit recorded",
  "invoice.settled": "Balance changed without a payment or credit",
  "invoice.reissued": "Invoice issued anew in another currency",
  "invoice.overdue": "Overdue: the due date passed",
  "invoice.voided": "Invoice voided",
  "invoice.unvoided": "Voiding taken back",
  "invoice.written_off": "Written off",
  "invoice.owner_changed": "Another system now decides the totals",
  "invoice.moved_out": "Moved to another customer record",
  "invoice.moved_in": "Moved here from another customer record",
  "payment.pending": "Payment on its way",
  "payment.received": "Payment received",
  "payment.failed": "Payment failed",
  "payment.refunded": "Payment refunded",
  "payment.reversed": "Payment reversed",
  "payment.identified": "Payment identified",
  "payment.booked": "Payment booked",
  "payment.refund_failed": "Refund did not take place",
  "dispute.opened": "Dispute opened",
  "dispute.updated": "Dispute changed",
  "dispute.assigned": "Dispute taken or given back",
  "dispute.waiting": "Question asked, dispute waits for the customer",
  "dispute.offered": "Credit offered",
  "dispute.offer_accepted": "Offer accepted",
  "dispute.offer_declined": "Offer declined",
  "dispute.resolved": "Dispute resolved",
  "dispute.rejected": "Dispute rejected",
  "dispute.withdrawn": "Dispute withdrawn",
  "dispute.reopened": "Dispute opened again",
  "comment.added": "Message",
  "note.added": "Internal note",
  "promise.made": "Payment promised",
  "promise.withdrawn": "Promise taken back",
  "promise.kept": "Promise kept",
  "promise.broken": "Promise not kept",
  "chargeback.opened": "Chargeback opened",
  "chargeback.updated": "Chargeback changed",
  "chargeback.closed": "Chargeback closed",
  "record.linked": "Customer record linked to a customer",
  "record.unlinked": "Customer record unlinked from its customer",
  "mail.sent": "Mail sent",
  "mail.failed": "Mail not delivered",
  "writeback.confirmed": "Received by their system",
  "writeback.failed": "Not received by their system",
  "reconciliation.corrected": "Corrected by reconciliation",
  "data.erased": "Data erased after its legal period",
  "audit.recorded": "Settings, people or preferences changed",
};
export type EventWord = keyof typeof eventWords;

const sentWords: Record<string, string> = {
  "dispute.withdrawn": "Withdrawal",
  "dispute.reopened": "Reopening",
  "comment.added": "Message",
  "promise.made": "Promise",
  "promise.withdrawn": "Promise taken back",
};

/** What was written back, by the event's type; all that is not listed is of a dispute. */
export function sentWord(type: string): string {
  return sentWords[type] ?? "Dispute";
}
