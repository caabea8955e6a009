import { z } from "zod";
import { requireInvoice, type Erp } from "./change.ts";
import {
  addComment,
  changeDueDate,
  failPayment,
  issueCreditNote,
  issueInvoice,
  PaymentMethod,
  receivePayment,
  voidInvoice,
  writeOff,
} from "./desk.ts";
import {
  answerDispute,
  askCustomer,
  rejectDispute,
  resolveDispute,
  takeUnderReview,
} from "./disputes.ts";
import { balanceOf, type Invoice } from "./invoice.ts";
import { fromDecimal } from "./money.ts";
import { Refusal } from "./refusal.ts";
import { listCustomers } from "./store.ts";

const Text = z.string().trim();
const Filled = Text.min(1, "Fill this in");
const OrNull = Text.transform((text) => text || null);

const PaymentForm = z.object({
  do: z.enum(["receive", "full", "fail"]),
  amount: Filled,
  method: PaymentMethod,
  reference: OrNull,
});
const CreditForm = z.object({ amount: Filled, reason: Filled });
const CommentForm = z.object({ text: Filled });
const DueDateForm = z.object({ dueOn: z.iso.date() });
const CloseForm = z.object({ do: z.enum(["void", "write-off"]) });
const DisputeForm = z.object({
  do: z.enum(["review", "ask", "answer", "resolve", "reject"]),
  message: Text,
  credited: Text,
});
const InvoiceForm = z.object({
  customerId: Filled,
  description: Filled,
  net: Filled,
  currency: z.string().regex(/^[A-Z]{3}$/, "A currency has three letters, such as EUR"),
  taxRate: z.coerce.number().int().min(0).max(100),
  dueOn: z.iso.date(),
  poNumber: OrNull,
});

/** Does what a button on an invoice's page asks. Throws a Refusal the person is shown. */
export function submitAction(erp: Erp, id: string, action: string, form: URLSearchParams): Invoice {
  switch (action) {
    case "payment":
      return submitPayment(erp, id, read(PaymentForm, form));
    case "credit-note": {
      const { amount, reason } = read(CreditForm, form);
      return issueCreditNote(erp, id, { amount: minorOf(erp, id, amount), reason });
    }
    case "comment":
      return addComment(erp, id, read(CommentForm, form).text);
    case "due-date":
      return changeDueDate(erp, id, read(DueDateForm, form).dueOn);
    case "close":
      return read(CloseForm, form).do === "void" ? voidInvoice(erp, id) : writeOff(erp, id);
    default:
      throw new Refusal(404, `There is no action ${action}`);
  }
}

/** Does what a button on a dispute asks. Throws a Refusal the person is shown. */
export function submitDispute(
  erp: Erp,
  which: { invoiceId: string; disputeId: string },
  form: URLSearchParams,
): Invoice {
  const { do: step, message, credited } = read(DisputeForm, form);
  switch (step) {
    case "review":
      return takeUnderReview(erp, which, message);
    case "ask":
      return askCustomer(erp, which, message);
    case "answer":
      return answerDispute(erp, which, message);
    case "resolve": {
      const minor = minorOf(erp, which.invoiceId, credited || "0");
      return resolveDispute(erp, which, { credited: minor, message });
    }
    case "reject":
      return rejectDispute(erp, which, message);
  }
}

/** Issues the invoice of the new-invoice form. Throws a Refusal the person is shown. */
export function submitInvoice(erp: Erp, form: URLSearchParams): Invoice {
  const { customerId, net, ...given } = read(InvoiceForm, form);
  const customer = listCustomers(erp.store).find(({ id }) => id === customerId);
  if (!customer) throw new Refusal(422, "Choose a customer");
  return issueInvoice(erp, { ...given, customer, net: fromDecimal(net, given.currency) });
}

/** Reads a form by its schema; throws a Refusal (422) that names the fields. */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  form: URLSearchParams,
): z.output<Schema> {
  const result = schema.safeParse(Object.fromEntries(form));
  if (!result.success) throw new Refusal(422, z.prettifyError(result.error));
  return result.data;
}

function submitPayment(erp: Erp, id: string, form: z.output<typeof PaymentForm>): Invoice {
  const { do: step, amount, ...how } = form;
  if (step === "full") {
    const balance = balanceOf(requireInvoice(erp.store, id));
    if (balance <= 0) throw new Refusal(422, "Nothing is left to pay");
    return receivePayment(erp, id, { ...how, amount: balance });
  }
  const pay = { ...how, amount: minorOf(erp, id, amount) };
  return step === "receive" ? receivePayment(erp, id, pay) : failPayment(erp, id, pay);
}

function minorOf(erp: Erp, id: string, amount: string): number {
  return fromDecimal(amount, requireInvoice(erp.store, id).currency);
}
