import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { changeInvoice, type Erp } from "./change.ts";
import { DisputeState, isOpen, type Dispute, type Invoice } from "./invoice.ts";
import { words } from "./disputes.ts";
import { fromDecimal, toText } from "./money.ts";
import { Refusal } from "./refusal.ts";
import { requireSignature } from "./signature.ts";
import { allot, findByNumber, findInvoice, type Store } from "./store.ts";
import { findReceipt, saveReceipt, type Receipt } from "./write-back-log.ts";

const Message = z.object({
  type: z.string().startsWith("portal."),
  timestamp: z.iso.datetime({ offset: true }),
  data: z.object({
    invoice: z.object({ number: z.string(), externalId: z.string().nullish() }),
    dispute: z
      .object({
        id: z.string().min(1),
        state: DisputeState.nullish(),
        reason: z.string().nullish(),
        amount: z.string().nullish(),
        message: z.string().nullish(),
      })
      .nullish(),
    comment: z.object({ id: z.string().min(1), text: z.string() }).nullish(),
    promise: z
      .object({ id: z.string().min(1), on: z.iso.date(), amount: z.string().nullish() })
      .nullish(),
    actor: z.object({ name: z.string().nullish(), email: z.string().nullish() }).nullish(),
  }),
});
type Message = z.infer<typeof Message>;

/** What a write-back is about, for the log; nulls where it cannot be read. */
export type Subject = { type: string | null; invoiceId: string | null };

/**
 * Takes one write-back of the portal. The same webhook-id gets the same receipt and changes nothing;
 * 409 when another id asks for what is done already. Throws a Refusal for what is not accepted.
 */
export function receiveWriteBack(
  erp: Erp,
  secret: string,
  { headers, body }: { headers: IncomingHttpHeaders; body: Buffer },
): Receipt {
  const id = requireSignature(headers, { body, secret, now: erp.now() });
  return erp.store.transaction(() => {
    const known = findReceipt(erp.store, id);
    if (known) return known;
    const receipt = apply(erp, readMessage(body));
    saveReceipt(erp.store, id, receipt);
    return receipt;
  })();
}

/** Reads what an unverified body says it is about, to show it in the log. */
export function subjectOf(store: Store, body: Buffer): Subject {
  try {
    const { type, data } = readMessage(body);
    return { type, invoiceId: findTold(store, data.invoice)?.id ?? null };
  } catch (error) {
    if (error instanceof Refusal) return { type: null, invoiceId: null };
    throw error;
  }
}

function readMessage(body: Buffer): Message {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new Refusal(400, `The body is no JSON: ${String(cause)}`);
  }
  const message = Message.safeParse(json);
  if (!message.success) throw new Refusal(422, z.prettifyError(message.error));
  return message.data;
}

function apply(erp: Erp, { type, data }: Message): Receipt {
  const invoice = findTold(erp.store, data.invoice);
  if (!invoice) throw new Refusal(404, `There is no invoice ${data.invoice.number}`);
  const by = data.actor?.name ?? data.actor?.email ?? "The portal";
  const { dispute, comment, promise } = data;
  if (type.startsWith("portal.dispute.") && dispute) {
    return takeDispute(erp, { invoice, type, dispute, by });
  }
  if (type === "portal.comment.added" && comment) {
    return takeComment(erp, { invoice, comment, by });
  }
  if (type === "portal.promise.made" && promise) {
    return takePromise(erp, { invoice, promise, by });
  }
  if (type === "portal.promise.withdrawn" && promise) {
    return dropPromise(erp, { invoice, promise, by });
  }
  throw new Refusal(422, `This ERP does not know what to do with ${type}`);
}

function findTold(store: Store, told: Message["data"]["invoice"]): Invoice | null {
  const byId = told.externalId ? findInvoice(store, told.externalId) : null;
  return byId ?? findByNumber(store, told.number);
}

type Told = NonNullable<Message["data"]["dispute"]>;
type DisputeMessage = { invoice: Invoice; type: string; dispute: Told; by: string };

function takeDispute(erp: Erp, message: DisputeMessage): Receipt {
  const { invoice, type, dispute: told, by } = message;
  const known = invoice.disputes.find(({ id }) => id === told.id);
  if (!known) return openCase(erp, message);
  if (type === "portal.dispute.opened") return { status: 409, reference: known.reference };
  const state = stateAfter(type, told) ?? known.state;
  const closing = !["open", "under_review", "waiting_for_customer"].includes(state);
  if (closing && state === known.state) return { status: 409, reference: known.reference };
  if (!isOpen(known) && type !== "portal.dispute.reopened") {
    throw new Refusal(422, `${known.reference} is ${words(known.state)} already`);
  }
  changeInvoice(erp, invoice.id, (changing, at) => {
    const dispute = changing.disputes.find(({ id }) => id === told.id) ?? known;
    const did = words(type.slice("portal.dispute.".length));
    dispute.state = state;
    if (told.reason) dispute.reason = told.reason;
    const amount = told.amount ? fromDecimal(told.amount, invoice.currency) : null;
    // Of an offer or a resolution the amount is what is credited: the disputed amount stays.
    if (amount !== null && /updated|reopened/.test(type)) dispute.amount = amount;
    const about = amount === null ? "" : `, ${toText(amount, invoice.currency)}`;
    const text = `${did} by ${by}${about}${told.message ? `: ${told.message}` : ""}`;
    dispute.history.push({ at, from: "portal", text });
    return { journal: `${dispute.reference}: ${did} by ${by}` };
  });
  return { status: 200, reference: known.reference };
}

function openCase(erp: Erp, { invoice, type, dispute: told, by }: DisputeMessage): Receipt {
  const reference = allot(erp.store, "CASE-");
  const amount = told.amount ? fromDecimal(told.amount, invoice.currency) : null;
  changeInvoice(erp, invoice.id, (changing, at) => {
    const dispute: Dispute = {
      id: told.id,
      reference,
      state: stateAfter(type, told) ?? "open",
      reason: told.reason ?? "other",
      amount,
      credited: null,
      message: told.message ?? "",
      openedBy: by,
      openedAt: at,
      history: [],
    };
    changing.disputes.push(dispute);
    const about = amount === null ? "the whole invoice" : toText(amount, invoice.currency);
    return { journal: `${reference}: disputed by ${by}, ${words(dispute.reason)}, ${about}` };
  });
  return { status: 200, reference };
}

function stateAfter(type: string, told: Told): Dispute["state"] | null {
  switch (type) {
    case "portal.dispute.opened":
    case "portal.dispute.reopened":
      return "open";
    case "portal.dispute.waiting":
      return "waiting_for_customer";
    case "portal.dispute.withdrawn":
      return "withdrawn";
    case "portal.dispute.resolved":
      return "resolved";
    case "portal.dispute.rejected":
      return "rejected";
    default:
      return told.state ?? null;
  }
}

type CommentMessage = { invoice: Invoice; comment: { id: string; text: string }; by: string };

function takeComment(erp: Erp, { invoice, comment, by }: CommentMessage): Receipt {
  const known = invoice.comments.find(({ id }) => id === comment.id);
  if (known) return { status: 409, reference: known.reference };
  const reference = allot(erp.store, "NOTE-");
  changeInvoice(erp, invoice.id, ({ comments }, at) => {
    comments.push({ ...comment, reference, from: "portal", by, at });
    return { journal: `Comment ${reference} by ${by}` };
  });
  return { status: 200, reference };
}

type Promised = NonNullable<Message["data"]["promise"]>;

function takePromise(
  erp: Erp,
  { invoice, promise, by }: { invoice: Invoice; promise: Promised; by: string },
): Receipt {
  const known = invoice.promises.find(({ id }) => id === promise.id);
  if (known) return { status: 409, reference: known.reference };
  const reference = allot(erp.store, "PROM-");
  const amount = promise.amount ? fromDecimal(promise.amount, invoice.currency) : null;
  changeInvoice(erp, invoice.id, ({ promises }, at) => {
    promises.push({ id: promise.id, on: promise.on, amount, reference, by, at });
    return { journal: `${reference}: payment promised for ${promise.on} by ${by}` };
  });
  return { status: 200, reference };
}

function dropPromise(
  erp: Erp,
  { invoice, promise, by }: { invoice: Invoice; promise: Promised; by: string },
): Receipt {
  const known = invoice.promises.find(({ id }) => id === promise.id);
  if (!known) return { status: 409, reference: promise.id };
  changeInvoice(erp, invoice.id, (changed) => {
    changed.promises = changed.promises.filter(({ id }) => id !== promise.id);
    return { journal: `${known.reference}: payment promise taken back by ${by}` };
  });
  return { status: 200, reference: known.reference };
}
