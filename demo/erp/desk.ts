import { randomUUID } from "node:crypto";
import { z } from "zod";
import { addInvoice, changeInvoice, today, type Erp } from "./change.ts";
import { balanceOf, isHeld, type Invoice } from "./invoice.ts";
import { toText } from "./money.ts";
import { Refusal } from "./refusal.ts";
import { allot, findByNumber, searchInvoices, type Customer } from "./store.ts";
import { toWireAdjustment, toWirePayment } from "./wire.ts";

export const PaymentMethod = z.enum(["bank_transfer", "card", "direct_debit", "cheque"]);
type Pay = { amount: number; method: z.infer<typeof PaymentMethod>; reference: string | null };

/** Books a payment (minor units) and sends `payment.received`. Refuses what is not collectable. */
export function receivePayment(erp: Erp, id: string, pay: Pay): Invoice {
  return changeInvoice(erp, id, (invoice, at) => {
    requireCollectable(invoice);
    const payment = addPayment(erp, invoice, { ...pay, at, stage: "received" });
    invoice.paid += payment.amount;
    return {
      journal: `Payment ${payment.id} received: ${toText(payment.amount, invoice.currency)}`,
      announce: {
        type: "payment.received",
        data: { payment: toWirePayment(payment, invoice.currency) },
      },
    };
  });
}

/** Notes a payment that did not arrive and sends `payment.failed`; the balance stays. */
export function failPayment(erp: Erp, id: string, pay: Pay): Invoice {
  return changeInvoice(erp, id, (invoice, at) => {
    requireCollectable(invoice);
    const payment = addPayment(erp, invoice, { ...pay, at, stage: "failed" });
    return {
      journal: `Payment ${payment.id} failed: ${toText(payment.amount, invoice.currency)}`,
      announce: {
        type: "payment.failed",
        data: { payment: toWirePayment(payment, invoice.currency) },
      },
    };
  });
}

/** Issues a credit note (minor units) and sends `invoice.adjusted`. */
export function issueCreditNote(
  erp: Erp,
  id: string,
  { amount, reason }: { amount: number; reason: string },
): Invoice {
  return changeInvoice(erp, id, (invoice, at) => {
    requireCollectable(invoice);
    requirePositive(amount);
    if (amount > invoice.total - invoice.credited) {
      throw new Refusal(422, "A credit note cannot exceed what was invoiced");
    }
    const credit = {
      id: allot(erp.store, "CN-", 5),
      kind: "credit_note" as const,
      amount,
      at,
      reason,
    };
    invoice.credits.push(credit);
    invoice.credited += amount;
    return {
      journal: `Credit note ${credit.id}: ${toText(amount, invoice.currency)}, ${reason}`,
      announce: {
        type: "invoice.adjusted",
        data: { adjustment: toWireAdjustment(credit, invoice.currency) },
      },
    };
  });
}

/** Moves the due date and sends `invoice.updated`. */
export function changeDueDate(erp: Erp, id: string, dueOn: string): Invoice {
  return changeInvoice(erp, id, (invoice) => {
    requireCollectable(invoice);
    if (dueOn === invoice.dueOn) throw new Refusal(422, `${dueOn} is the due date already`);
    if (dueOn < invoice.issuedOn) throw new Refusal(422, "Due before it was issued");
    const journal = `Due date moved from ${invoice.dueOn} to ${dueOn}`;
    invoice.dueOn = dueOn;
    return { journal, announce: { type: "invoice.updated", data: {} } };
  });
}

/** Voids an invoice that nothing was paid on, and sends `invoice.voided`. */
export function voidInvoice(erp: Erp, id: string): Invoice {
  return changeInvoice(erp, id, (invoice) => {
    requireCollectable(invoice);
    if (invoice.paid > 0) throw new Refusal(422, "It has payments: issue a credit note instead");
    invoice.status = "void";
    return { journal: "Invoice voided", announce: { type: "invoice.voided", data: {} } };
  });
}

/** Gives up what is still unpaid and sends `invoice.written_off`. */
export function writeOff(erp: Erp, id: string): Invoice {
  return changeInvoice(erp, id, (invoice) => {
    requireCollectable(invoice);
    if (balanceOf(invoice) <= 0) throw new Refusal(422, "Nothing is left to write off");
    const journal = `Written off: ${toText(balanceOf(invoice), invoice.currency)}`;
    invoice.status = "written_off";
    return { journal, announce: { type: "invoice.written_off", data: {} } };
  });
}

/** Writes to the customer on the invoice and sends `comment.added`. */
export function addComment(erp: Erp, id: string, text: string): Invoice {
  return changeInvoice(erp, id, (invoice, at) => {
    const reference = allot(erp.store, "NOTE-");
    const by = "Accounts receivable";
    invoice.comments.push({ id: reference, reference, from: "erp", by, text, at });
    return {
      journal: `Comment ${reference} sent to the customer`,
      announce: { type: "comment.added", data: { comment: { id: reference, text } } },
    };
  });
}

type Issue = {
  customer: Customer;
  currency: string;
  description: string;
  net: number;
  taxRate: number; // whole percent
  dueOn: string;
  poNumber: string | null;
};

/** Issues an invoice of one line (net in minor units) and sends `invoice.issued`. */
export function issueInvoice(erp: Erp, issue: Issue): Invoice {
  const { customer, currency, description, net, taxRate, dueOn, poNumber } = issue;
  requirePositive(net);
  const issuedOn = today(erp);
  if (dueOn < issuedOn) throw new Refusal(422, "The due date has passed already");
  const total = net + Math.round((net * taxRate) / 100);
  const line = { id: "1", description, quantity: "1", unit: "job", unitPrice: net, net };
  return addInvoice(erp, (at) => ({
    id: randomUUID(),
    number: nextNumber(erp),
    customer,
    currency,
    total,
    paid: 0,
    credited: 0,
    issuedOn,
    dueOn,
    status: "open",
    poNumber,
    description,
    references: [],
    lines: [{ ...line, taxRate: String(taxRate), total }],
    payments: [],
    credits: [],
    disputes: [],
    comments: [],
    promises: [],
    journal: [],
    version: 1,
    updatedAt: at,
  }));
}

type NewPayment = Omit<Invoice["payments"][number], "id">;

function addPayment(erp: Erp, invoice: Invoice, given: NewPayment) {
  requirePositive(given.amount);
  const payment = { ...given, id: allot(erp.store, "PAY-", 5) };
  invoice.payments.push(payment);
  return payment;
}

/** Continues the numbering of the newest invoice: INV-2026-0041 is followed by INV-2026-0042. */
function nextNumber({ store }: Erp): string {
  const newest = searchInvoices(store, { text: "", show: "all", day: "", limit: 1, offset: 0 });
  const match = /^(.*?)(\d{1,9})$/.exec(newest.invoices[0]?.number ?? "INV-1000");
  const [, prefix = "INV-", digits = "1000"] = match ?? [];
  for (;;) {
    const number = allot(store, prefix, digits.length);
    if (!findByNumber(store, number)) return number;
  }
}

function requireCollectable(invoice: Invoice): void {
  if (isHeld(invoice)) {
    throw new Refusal(422, `Invoice ${invoice.number} is ${invoice.status.replace("_", " ")}`);
  }
}

function requirePositive(amount: number): void {
  if (amount <= 0) throw new Refusal(422, "The amount must be above zero");
}
