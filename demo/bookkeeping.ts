import { addInvoice, changeInvoice, requireInvoice, type Erp } from "./erp/change.ts";
import { balanceOf, isHeld, type Dispute, type Invoice } from "./erp/invoice.ts";
import { allot, loadInvoices } from "./erp/store.ts";
import { toText } from "./erp/money.ts";
import { toWirePayment } from "./erp/wire.ts";

/** What an invoice needs before the ERP dates and versions it. */
export type NewInvoice = Pick<
  Invoice,
  "id" | "number" | "customer" | "currency" | "total" | "dueOn" | "poNumber" | "description"
> & { lines: Invoice["lines"]; references: Invoice["references"] };

/** Issues a ready-made invoice today, by the ERP's clock. */
export function issue(erp: Erp, invoice: NewInvoice): void {
  addInvoice(erp, (at) => ({ ...blank(invoice, at), status: "open" }));
}

/** Puts a draft in, of which nobody outside is told. */
export function draft(erp: Erp, invoice: NewInvoice): void {
  loadInvoices(erp.store, [{ ...blank(invoice, erp.now().toISOString()), status: "draft" }]);
}

function blank(invoice: NewInvoice, at: string): Omit<Invoice, "status"> {
  return {
    ...invoice,
    issuedOn: at.slice(0, 10),
    paid: 0,
    credited: 0,
    payments: [],
    credits: [],
    disputes: [],
    comments: [],
    promises: [],
    journal: [],
    version: 1,
    updatedAt: at,
  };
}

export interface BankLine {
  /** Part of what is still open, above 0 and up to 1. */
  share: number;
  method: string;
  reference: string | null;
  /** When the money came; the ERP may book it days later. */
  paidAt: string;
}

/** Books money that came earlier, as a bank file of several days does. Nothing open: nothing booked. */
export function bookPayment(erp: Erp, id: string, line: BankLine): void {
  const open = requireInvoice(erp.store, id);
  const amount = Math.round(balanceOf(open) * line.share);
  if (amount <= 0 || isHeld(open)) return;
  changeInvoice(erp, id, (invoice) => {
    const { method, reference, paidAt: at } = line;
    const payment = { id: allot(erp.store, "PAY-", 5), amount, at, method, reference };
    const received = { ...payment, stage: "received" as const };
    invoice.payments.push(received);
    invoice.paid += amount;
    return {
      journal: `Payment ${payment.id} received: ${toText(amount, invoice.currency)}`,
      announce: {
        type: "payment.received",
        data: { payment: toWirePayment(received, invoice.currency) },
      },
    };
  });
}

/** Opens a case for a dispute that the portal told. Gives its number, such as CASE-004. */
export function openCase(
  erp: Erp,
  invoiceId: string,
  dispute: Pick<Dispute, "id" | "reason" | "amount" | "message" | "openedBy">,
): string {
  const reference = allot(erp.store, "CASE-");
  changeInvoice(erp, invoiceId, (invoice, at) => {
    const fresh = { state: "open" as const, credited: null, history: [] };
    invoice.disputes.push({ ...dispute, ...fresh, reference, openedAt: at });
    return { journal: `${reference}: disputed by ${dispute.openedBy}` };
  });
  return reference;
}

/** Keeps a case in step with what was decided in the portal. */
export function followDispute(
  erp: Erp,
  invoiceId: string,
  told: { id: string; state: Dispute["state"]; text: string; credited: number | null },
): void {
  changeInvoice(erp, invoiceId, (invoice, at) => {
    const dispute = invoice.disputes.find(({ id }) => id === told.id);
    if (!dispute) return { journal: `Portal: ${told.text}` };
    dispute.state = told.state;
    dispute.credited = told.credited;
    dispute.history.push({ at, from: "portal", text: told.text });
    return { journal: `${dispute.reference}: ${told.text}` };
  });
}
