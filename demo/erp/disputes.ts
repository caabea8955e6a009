import { changeInvoice, requireInvoice, type Erp } from "./change.ts";
import { issueCreditNote } from "./desk.ts";
import { isOpen, type Dispute, type Invoice } from "./invoice.ts";
import { toDecimal, toText } from "./money.ts";
import { Refusal } from "./refusal.ts";

type Which = { invoiceId: string; disputeId: string };
type Step = { type: string; state: Dispute["state"]; message: string; text: string };

/** Takes a dispute under review and sends `dispute.updated`. */
export function takeUnderReview(erp: Erp, which: Which, message: string): Invoice {
  const text = message || "Taken under review";
  return step(erp, which, { type: "dispute.updated", state: "under_review", message, text });
}

/** Asks the customer, and waits: sends `dispute.waiting`. */
export function askCustomer(erp: Erp, which: Which, message: string): Invoice {
  requireMessage(message);
  const text = `Asked the customer: ${message}`;
  return step(erp, which, {
    type: "dispute.waiting",
    state: "waiting_for_customer",
    message,
    text,
  });
}

/** Answers without a decision: the dispute keeps its state, the message goes out as `comment.added`. */
export function answerDispute(erp: Erp, which: Which, message: string): Invoice {
  requireMessage(message);
  return changeInvoice(erp, which.invoiceId, (invoice, at) => {
    const dispute = requireOpen(invoice, which.disputeId);
    const id = `${dispute.reference}-${dispute.history.length + 1}`;
    dispute.history.push({ at, from: "erp", text: message });
    return {
      journal: `${dispute.reference}: answered`,
      announce: {
        type: "comment.added",
        data: { comment: { id, text: message, disputeId: dispute.id } },
      },
    };
  });
}

/**
 * Accepts a dispute: issues a credit note over `credited` (minor units, may be 0), then sends
 * `dispute.resolved`, whose `amount` and `creditedAmount` both say what was credited.
 */
export function resolveDispute(
  erp: Erp,
  which: Which,
  { credited, message }: { credited: number; message: string },
): Invoice {
  if (credited < 0) throw new Refusal(422, "The credited amount cannot be negative");
  return erp.store.transaction(() => {
    const invoice = requireInvoice(erp.store, which.invoiceId);
    const dispute = requireOpen(invoice, which.disputeId);
    const reason = `${dispute.reference}: ${words(dispute.reason)}`;
    if (credited > 0) issueCreditNote(erp, invoice.id, { amount: credited, reason });
    const text = `Resolved, ${toText(credited, invoice.currency)} credited. ${message}`.trim();
    const type = "dispute.resolved";
    return step(erp, which, { type, state: "resolved", message, text, credited });
  })();
}

/** Rejects a dispute with a reason and sends `dispute.rejected`. */
export function rejectDispute(erp: Erp, which: Which, message: string): Invoice {
  requireMessage(message);
  const text = `Rejected: ${message}`;
  return step(erp, which, { type: "dispute.rejected", state: "rejected", message, text });
}

/** A code such as `quantity_incorrect` as words. */
export function words(code: string): string {
  return code.replaceAll("_", " ");
}

function step(erp: Erp, which: Which, step: Step & { credited?: number }): Invoice {
  const { type, state, message, text, credited } = step;
  return changeInvoice(erp, which.invoiceId, (invoice, at) => {
    const dispute = requireOpen(invoice, which.disputeId);
    dispute.state = state;
    dispute.credited = credited ?? dispute.credited;
    dispute.history.push({ at, from: "erp", text });
    const { id, reason } = dispute;
    const minor = credited ?? dispute.amount;
    const amount = minor === null ? undefined : toDecimal(minor, invoice.currency);
    const creditedAmount = credited === undefined ? undefined : amount;
    return {
      journal: `${dispute.reference}: ${words(state)}`,
      announce: {
        type,
        data: {
          dispute: {
            id,
            externalId: dispute.reference,
            state,
            reason,
            amount,
            creditedAmount,
            currency: invoice.currency,
            message: message || undefined,
          },
        },
      },
    };
  });
}

function requireOpen(invoice: Invoice, disputeId: string): Dispute {
  const dispute = invoice.disputes.find(({ id }) => id === disputeId);
  if (!dispute) throw new Refusal(404, `There is no dispute ${disputeId} on ${invoice.number}`);
  if (!isOpen(dispute)) throw new Refusal(422, `${dispute.reference} is ${words(dispute.state)}`);
  return dispute;
}

function requireMessage(message: string): void {
  if (!message) throw new Refusal(422, "Write a message to the customer first");
}
