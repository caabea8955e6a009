import { z } from "zod";

/** About one invoice, for people of the customer. */
export const customerTemplates = [
  "invoice_issued",
  "invoice_changed",
  "payment_received",
  "payment_failed",
  "payment_refunded",
  "invoice_overdue",
  "invoice_adjusted",
  "invoice_settled",
  "invoice_voided",
  "invoice_written_off",
  "invoice_reinstated",
  "dispute_opened",
  "dispute_updated",
  "dispute_answered",
  "dispute_resolved",
  "dispute_rejected",
  "comment_added",
] as const;

/** Fields of an invoice whose change is mailed as `invoice_changed`. */
export const changedForMail = ["total", "dueOn", "number"] as const;

/** For the supplier's staff. */
const financeTemplates = [
  "finance_dispute_opened",
  "finance_comment",
  "finance_dispute_withdrawn",
  "finance_promise_made",
  "finance_promise_withdrawn",
  "finance_writeback_parked",
  "finance_mail_failed",
  "finance_connection_silent",
  "finance_connection_lost",
  "finance_reconciliation",
] as const;

/** Mail that an event of the ledger causes; each has its words in every language. */
export const EventTemplate = z.enum([...customerTemplates, ...financeTemplates]);
export type EventTemplate = z.infer<typeof EventTemplate>;

/** Mail without an event; it cannot be stopped. */
export const AccountTemplate = z.enum(["sign_in", "invitation"]);
export type AccountTemplate = z.infer<typeof AccountTemplate>;

/** What a person can stop: one kind covers templates that nobody would want apart. */
export const MailKind = z.enum([
  "invoices",
  "payments",
  "overdue",
  "disputes",
  "comments",
  "finance_disputes",
  "finance_comments",
  "finance_promises",
  "finance_delivery",
  "finance_connections",
]);
export type MailKind = z.infer<typeof MailKind>;

const kinds: Record<EventTemplate, MailKind> = {
  invoice_issued: "invoices",
  invoice_changed: "invoices",
  invoice_adjusted: "invoices",
  invoice_settled: "invoices",
  invoice_voided: "invoices",
  invoice_written_off: "invoices",
  invoice_reinstated: "invoices",
  payment_received: "payments",
  payment_failed: "payments",
  payment_refunded: "payments",
  invoice_overdue: "overdue",
  dispute_opened: "disputes",
  dispute_updated: "disputes",
  dispute_answered: "disputes",
  dispute_resolved: "disputes",
  dispute_rejected: "disputes",
  comment_added: "comments",
  finance_dispute_opened: "finance_disputes",
  finance_dispute_withdrawn: "finance_disputes",
  finance_comment: "finance_comments",
  finance_promise_made: "finance_promises",
  finance_promise_withdrawn: "finance_promises",
  finance_writeback_parked: "finance_delivery",
  finance_mail_failed: "finance_delivery",
  finance_connection_silent: "finance_connections",
  finance_connection_lost: "finance_connections",
  finance_reconciliation: "finance_connections",
};

/** The kind under which a person stops this mail (`mail_stops.kind`). */
export function mailKind(template: EventTemplate): MailKind {
  return kinds[template];
}

/** Whether it is for the supplier's staff and not for a customer. */
export function isForFinance(template: EventTemplate): boolean {
  return mailKind(template).startsWith("finance_");
}
