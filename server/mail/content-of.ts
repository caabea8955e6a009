import type { DisputeRow } from "#db/schema/disputes.ts";
import type { EventData, EventType, LedgerEvent } from "#domain/event.ts";
import {
  commentAdded,
  disputeAnswered,
  disputeOpened,
  disputeRejected,
  disputeResolved,
  disputeUpdated,
  saidIn,
} from "./about-disputes.ts";
import {
  invoiceChanged,
  invoiceIssued,
  invoiceOverdue,
  invoiceReinstated,
  invoiceVoided,
  invoiceWrittenOff,
} from "./about-invoice.ts";
import {
  invoiceAdjusted,
  invoiceSettled,
  paymentFailed,
  paymentReceived,
  paymentRefunded,
} from "./about-money.ts";
import type { MailContent } from "./content.ts";
import {
  financeComment,
  financeConnectionLost,
  financeConnectionSilent,
  financeDisputeOpened,
  financeDisputeWithdrawn,
  financeMailFailed,
  financePromise,
  financeReconciliation,
  financeWriteBackParked,
} from "./for-finance.ts";
import type { EventTemplate } from "#domain/mail.ts";
import type { Told } from "./told.ts";

/** What a mail is written from that may be about no invoice. */
type ToldAlone = Omit<Told, "invoice"> & { invoice: Told["invoice"] | null };

const standing = [
  "finance_mail_failed",
  "finance_connection_silent",
  "finance_connection_lost",
  "finance_reconciliation",
] as const;
type Standing = (typeof standing)[number];

/** Whether a mail may be about no invoice: another mail failed, e.g. an invitation, or a system needs a look. */
export function standsAlone(template: EventTemplate): template is Standing {
  return standing.some((each) => each === template);
}

/** What a mail of this template says. Throws when template and event do not belong together. */
export function contentOf(template: EventTemplate, told: ToldAlone): MailContent {
  if (standsAlone(template)) return standingContentOf(template, told);
  const { event, invoice } = told;
  if (invoice === null) throw new Error(`Event ${event.sequence} has no invoice`);
  return invoiceContentOf(template, { ...told, invoice });
}

function standingContentOf(template: Standing, told: ToldAlone): MailContent {
  const { event } = told;
  switch (template) {
    case "finance_mail_failed":
      return financeMailFailed(told, dataOf(event, "mail.failed"));
    case "finance_connection_silent":
      return financeConnectionSilent(told, dataOf(event, "audit.recorded"));
    case "finance_reconciliation":
      return financeReconciliation(told, dataOf(event, "audit.recorded"));
    case "finance_connection_lost":
      return financeConnectionLost(told, dataOf(event, "audit.recorded"));
  }
}

function invoiceContentOf(template: Exclude<EventTemplate, Standing>, told: Told): MailContent {
  const { event } = told;
  switch (template) {
    case "invoice_issued":
      return invoiceIssued(told, dataOf(event, "invoice.issued", "invoice.reissued"));
    case "invoice_changed":
      return invoiceChanged(told, dataOf(event, "invoice.updated"));
    case "payment_received":
      return paymentReceived(told, dataOf(event, "payment.received"));
    case "payment_failed":
      return paymentFailed(
        told,
        dataOf(event, "payment.failed", "payment.reversed", "payment.received"),
      );
    case "payment_refunded":
      return paymentRefunded(told, dataOf(event, "payment.refunded", "payment.refund_failed"));
    case "invoice_overdue":
      return invoiceOverdue(told, dataOf(event, "invoice.overdue"));
    case "invoice_adjusted":
      return invoiceAdjusted(told, dataOf(event, "invoice.adjusted"));
    case "invoice_settled":
      return invoiceSettled(told, dataOf(event, "invoice.settled"));
    case "invoice_voided":
      return invoiceVoided(told, dataOf(event, "invoice.voided"));
    case "invoice_written_off":
      return invoiceWrittenOff(told, dataOf(event, "invoice.written_off"));
    case "invoice_reinstated":
      return invoiceReinstated(told, dataOf(event, "invoice.unvoided", "invoice.updated"));
    case "comment_added":
      return commentAdded(told, dataOf(event, "comment.added"));
    case "finance_comment":
      return financeComment(told, dataOf(event, "comment.added"));
    case "finance_promise_made":
      return financePromise(told, "finance_promise_made", dataOf(event, "promise.made"));
    case "finance_promise_withdrawn":
      return financePromise(told, "finance_promise_withdrawn", dataOf(event, "promise.withdrawn"));
    case "finance_writeback_parked":
      return financeWriteBackParked(told, dataOf(event, "writeback.failed"));
    default:
      return disputeContentOf(template, withDispute(told));
  }
}

function disputeContentOf(
  template: Extract<EventTemplate, `dispute_${string}` | `finance_dispute_${string}`>,
  told: Told & { dispute: DisputeRow },
): MailContent {
  const { event } = told;
  switch (template) {
    case "dispute_opened":
      return disputeOpened(asOpened(told));
    case "dispute_updated":
      return disputeUpdated(
        told,
        dataOf(event, "dispute.updated", "dispute.reopened", "dispute.withdrawn"),
      );
    case "dispute_answered":
      return disputeAnswered(told, saidIn(event));
    case "dispute_resolved":
      return disputeResolved(told, dataOf(event, "dispute.resolved"));
    case "dispute_rejected":
      return disputeRejected(told, dataOf(event, "dispute.rejected"));
    case "finance_dispute_opened":
      return financeDisputeOpened(asOpened(told));
    case "finance_dispute_withdrawn":
      return financeDisputeWithdrawn(told);
  }
}

function dataOf<T extends EventType>(event: LedgerEvent, ...types: T[]): EventData<T> {
  if (isOf(event, types)) return event.data;
  throw new Error(`Event ${event.sequence} is ${event.type}, not ${types.join(" or ")}`);
}

function isOf<T extends EventType>(
  event: LedgerEvent,
  types: T[],
): event is LedgerEvent & { data: EventData<T> } {
  return types.some((type) => type === event.type);
}

/** The dispute as it was opened, however it changed before its mail was written. */
function asOpened(told: Told & { dispute: DisputeRow }): Told & { dispute: DisputeRow } {
  const { amount, message } = dataOf(told.event, "dispute.opened").dispute;
  return { ...told, dispute: { ...told.dispute, amount, message } };
}

function withDispute(told: Told): Told & { dispute: DisputeRow } {
  if (!told.dispute) throw new Error(`Event ${told.event.sequence} is about no known dispute`);
  return { ...told, dispute: told.dispute };
}
