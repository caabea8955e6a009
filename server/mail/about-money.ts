import type { EventData } from "#domain/event.ts";
import type { Settlement } from "#domain/invoice.ts";
import { dayIn } from "#domain/time.ts";
import { inInvoice } from "./about-invoice.ts";
import { type MailContent, type Mark, textFacts, timeFacts } from "./content.ts";
import { balanceFacts, dueAfter, figureOf, moneyOf, type Told } from "./told.ts";
import type { Reader } from "./reader.ts";
import type { Word } from "./words/en.ts";

/** Money came, or the owner's books show more of it. */
export function paymentReceived(told: Told, data: EventData<"payment.received">): MailContent {
  const { reader, event } = told;
  return {
    ...inInvoice(told, "payment_received.title", "payment_received.inferred"),
    sentence: receivedSentence(told, data),
    figure: figureOf(told, data.amount),
    mark:
      told.statusThen === "void"
        ? markOf(told, data, "closed", "invoice_voided.mark")
        : settledMark(told, data, "payment_received"),
    facts: [
      ...textFacts([
        [reader.words("fact.reference"), data.payment?.reference],
        [reader.words("fact.method"), methodText(reader, data.payment?.method)],
      ]),
      ...timeFacts(reader, reader.words("payment_received.time"), event),
    ],
    balance: balanceFacts(told),
  };
}

const methods = ["bank_transfer", "direct_debit", "card", "check", "cash"] as const;

/** How it was paid in the reader's language; a system's own word without its underscores. */
function methodText(reader: Reader, method: string | undefined): string | undefined {
  const code = method
    ?.trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
  const known = methods.find((each) => each === (code === "cheque" ? "check" : code));
  return known ? reader.words(`method.${known}`) : method?.replaceAll("_", " ");
}

function receivedSentence(told: Told, { payment }: EventData<"payment.received">): string {
  const { reader, event, supplier } = told;
  if (!payment) return reader.words("payment_received.inferred");
  const date = reader.day(event.occurredAt);
  const booked = payment.booked ? "payment_received.sentence" : "payment_received.unbooked";
  const sentence = reader.words(booked, { date });
  const recordedOn = dayIn(supplier.timeZone, event.recordedAt);
  if (recordedOn === dayIn(supplier.timeZone, event.occurredAt)) return sentence;
  const recorded = reader.day(recordedOn);
  return `${sentence} ${reader.words("payment_received.late", { recorded, date })}`;
}

/** A payment that failed, one that was taken back after it had come, or one that became less. */
export function paymentFailed(told: Told, data: EventData<"payment.failed">): MailContent {
  const { reader, event } = told;
  const word = lossWords[lossOf(event)];
  const isNothingDue = dueAfter(told, data) <= 0;
  return {
    ...inInvoice(told, word.title, word.sentence),
    figure: figureOf(told, data.amount),
    mark: markOf(told, data, "late", isNothingDue ? word.markPaid : word.mark),
    facts: [
      ...textFacts([
        [reader.words("fact.reason"), data.payment?.reason],
        [reader.words("fact.reference"), data.payment?.reference],
      ]),
      ...timeFacts(reader, reader.words("payment_failed.time"), event),
    ],
    balance: balanceFacts(told),
  };
}

function lossOf({ type }: Told["event"]): keyof typeof lossWords {
  if (type === "payment.failed") return "failed";
  return type === "payment.received" ? "lowered" : "reversed";
}

const lossWords = {
  failed: {
    title: "payment_failed.title",
    sentence: "payment_failed.sentence",
    mark: "payment_failed.mark",
    markPaid: "payment_failed.mark",
  },
  reversed: {
    title: "payment_reversed.title",
    sentence: "payment_reversed.sentence",
    mark: "payment_reversed.mark",
    markPaid: "payment_reversed.markPaid",
  },
  lowered: {
    title: "payment_lowered.title",
    sentence: "payment_lowered.sentence",
    mark: "payment_lowered.mark",
    markPaid: "payment_lowered.markPaid",
  },
} as const satisfies Record<string, Record<string, Word>>;

/** A credit note, a discount or a correction. */
export function invoiceAdjusted(told: Told, data: EventData<"invoice.adjusted">): MailContent {
  const { reader, event } = told;
  const grew = data.amount < 0 || data.credit?.voided === true;
  return {
    ...inInvoice(told, "invoice_adjusted.title", "invoice_adjusted.sentence"),
    figure: figureOf(told, data.amount),
    mark: grew
      ? markOf(told, data, "late", "invoice_adjusted.markLess")
      : settledMark(told, data, "invoice_adjusted"),
    facts: [
      ...textFacts([[reader.words("fact.reason"), data.credit?.reason]]),
      ...timeFacts(reader, reader.words("invoice_adjusted.time"), event),
    ],
    balance: balanceFacts(told),
  };
}

/** The balance fell without a payment or a credit: nothing here may say that money came. */
export function invoiceSettled(told: Told, data: EventData<"invoice.settled">): MailContent {
  const { reader, event } = told;
  return {
    ...inInvoice(
      told,
      "invoice_settled.title",
      data.amount < 0 ? "invoice_settled.sentenceMore" : "invoice_settled.sentence",
    ),
    figure: figureOf(told, data.amount),
    mark: settledMark(told, data, "invoice_settled"),
    facts: [...timeFacts(reader, reader.words("invoice_settled.time"), event)],
    balance: balanceFacts(told),
  };
}

/** Money that had come was given back, or was not after all. */
export function paymentRefunded(
  told: Told,
  data: EventData<"payment.refunded" | "payment.refund_failed">,
): MailContent {
  const { reader, event } = told;
  const failed = event.type === "payment.refund_failed";
  return {
    ...(failed
      ? inInvoice(told, "refund_failed.title", "refund_failed.sentence")
      : inInvoice(told, "payment_refunded.title", "payment_refunded.sentence")),
    figure: figureOf(told, data.amount),
    mark: settledMark(told, data, failed ? "refund_failed" : "payment_refunded"),
    facts: [
      ...textFacts([
        [reader.words("fact.reason"), data.payment?.reason],
        [reader.words("fact.reference"), data.payment?.reference],
      ]),
      ...timeFacts(reader, reader.words("payment_refunded.time"), event),
    ],
    balance: balanceFacts(told),
  };
}

/** "Received, EUR 200.00 left to pay after it": what was due after the event, whatever is due by now. */
function settledMark(
  told: Told,
  data: { settlement: Settlement },
  template:
    | "payment_received"
    | "payment_refunded"
    | "refund_failed"
    | "invoice_adjusted"
    | "invoice_settled",
): Mark {
  const isPaid = dueAfter(told, data) <= 0;
  return markOf(told, data, "money", isPaid ? `${template}.markPaid` : `${template}.mark`);
}

function markOf(
  told: Told,
  data: { settlement: Settlement },
  tone: Mark["tone"],
  word: Word,
): Mark {
  return { tone, text: told.reader.words(word, { due: moneyOf(told, dueAfter(told, data)) }) };
}
