import type { DisputeRow } from "#db/schema/disputes.ts";
import type { InvoiceRow } from "#db/schema/invoices.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { isAsked, settledOtherwise } from "#domain/invoice-sums.ts";
import type { EventTemplate } from "#domain/mail.ts";

/** Whether a mail would say what is no longer so, because it waited and the invoice went on. */
export function isOutdated(
  template: EventTemplate,
  event: LedgerEvent,
  { invoice, dispute }: { invoice: InvoiceRow; dispute: DisputeRow | null },
): boolean {
  switch (template) {
    case "invoice_issued":
      return invoice.status === "void" || invoice.status === "draft";
    case "invoice_changed":
    case "invoice_reinstated":
      return !isAsked(invoice);
    case "invoice_written_off":
      return invoice.status !== "written_off";
    case "invoice_settled":
      return isExplained(event, invoice);
    case "invoice_overdue":
      return invoice.status !== "overdue";
    case "payment_failed":
      // What was taken back or became less corrects a mail from before, whatever is due now.
      if (event.type !== "payment.failed") return false;
      return invoice.due <= 0 || invoice.status === "void";
    case "invoice_voided":
      return invoice.status !== "void";
    case "dispute_resolved":
      return dispute?.state !== "resolved";
    case "dispute_rejected":
      return dispute?.state !== "rejected";
    case "finance_dispute_opened":
      return dispute?.state === "withdrawn";
    case "finance_dispute_withdrawn":
      return dispute?.state !== "withdrawn";
    default:
      return false;
  }
}

/** A payment or a credit note, which has a mail of its own, said since why the balance changed. */
function isExplained(event: LedgerEvent, invoice: InvoiceRow): boolean {
  if (event.type !== "invoice.settled") return false;
  const before = event.data.settlement.otherwise ?? 0;
  const now = settledOtherwise(invoice);
  return event.data.amount > 0 ? now < before : now > before;
}
