import type { EventData } from "#domain/event.ts";
import { dayIn } from "#domain/time.ts";
import { type MailContent, type Mark, textFacts, timeFacts } from "./content.ts";
import { balanceFacts, figureOf, invoiceButton, moneyOf, type Told } from "./told.ts";
import type { Reader } from "./reader.ts";
import type { Word } from "./words/en.ts";

/** A new invoice. */
export function invoiceIssued(told: Told): MailContent {
  const { reader, invoice, supplier, event } = told;
  const mark = invoice.due_on
    ? reader.words("invoice_issued.mark", { date: reader.day(invoice.due_on) })
    : reader.words("invoice_issued.markUndated");
  const who = { supplier: supplier.name, customer: invoice.customer_name };
  return {
    ...common(told, "invoice_issued.title", "invoice_issued.sentence", who),
    figure: figureOf(told, invoice.total),
    mark: { tone: "open", text: mark },
    facts: [
      ...textFacts([[reader.words("fact.po"), invoice.po_key]]),
      ...timeFacts(reader, reader.words("invoice_issued.time"), {
        ...event,
        occurredAt: invoice.issued_on ?? event.occurredAt,
      }),
      ...balanceFacts(told),
    ],
  };
}

/** Money came, or the owner's books show more of it. */
export function paymentReceived(told: Told, data: EventData<"payment.received">): MailContent {
  const { reader, invoice, event } = told;
  const isPaid = invoice.due <= 0;
  const mark =
    invoice.status === "void"
      ? markOf(told, "closed", "invoice_voided.mark")
      : markOf(told, "money", isPaid ? "payment_received.markPaid" : "payment_received.mark");
  return {
    ...common(told, "payment_received.title", "payment_received.inferred"),
    sentence: receivedSentence(told, data),
    figure: figureOf(told, data.amount),
    mark,
    facts: [
      ...textFacts([
        [reader.words("fact.reference"), data.payment?.reference],
        [reader.words("fact.method"), methodText(reader, data.payment?.method)],
      ]),
      ...timeFacts(reader, reader.words("payment_received.time"), event),
      ...balanceFacts(told),
    ],
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
  const { reader, event, invoice } = told;
  const word = lossWords[lossOf(event)];
  const isNothingDue = invoice.due <= 0 || invoice.status === "void";
  return {
    ...common(told, word.title, word.sentence),
    figure: figureOf(told, data.amount),
    mark: markOf(told, "late", isNothingDue ? word.markPaid : word.mark),
    facts: [
      ...textFacts([
        [reader.words("fact.reason"), data.payment?.reason],
        [reader.words("fact.reference"), data.payment?.reference],
      ]),
      ...timeFacts(reader, reader.words("payment_failed.time"), event),
      ...balanceFacts(told),
    ],
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

/** The due date passed. */
export function invoiceOverdue(told: Told, { dueOn }: EventData<"invoice.overdue">): MailContent {
  const { reader, invoice, event, disputed } = told;
  const mail = common(told, "invoice_overdue.title", "invoice_overdue.sentence");
  const waits = disputed > 0 ? ` ${reader.words("invoice_overdue.disputed")}` : "";
  const mark = reader.words("invoice_overdue.mark", { date: reader.day(dueOn) });
  return {
    ...mail,
    sentence: mail.sentence + waits,
    figure: figureOf(told, invoice.due),
    mark: { tone: "late", text: mark },
    facts: [
      ...textFacts([[reader.words("fact.po"), invoice.po_key]]),
      ...timeFacts(reader, reader.words("invoice_overdue.time"), event),
      ...balanceFacts(told),
    ],
  };
}

/** A credit note, a discount or a correction. */
export function invoiceAdjusted(told: Told, data: EventData<"invoice.adjusted">): MailContent {
  const { reader, invoice, event } = told;
  const grew = data.amount < 0 || data.credit?.voided === true;
  const mark = invoice.due <= 0 ? "invoice_adjusted.markPaid" : "invoice_adjusted.mark";
  return {
    ...common(told, "invoice_adjusted.title", "invoice_adjusted.sentence"),
    figure: figureOf(told, data.amount),
    mark: grew ? markOf(told, "late", "invoice_adjusted.markLess") : markOf(told, "money", mark),
    facts: [
      ...textFacts([[reader.words("fact.reason"), data.credit?.reason]]),
      ...timeFacts(reader, reader.words("invoice_adjusted.time"), event),
      ...balanceFacts(told),
    ],
  };
}

/** The balance fell without a payment or a credit: nothing here may say that money came. */
export function invoiceSettled(told: Told, data: EventData<"invoice.settled">): MailContent {
  const { reader, invoice, event } = told;
  const mark = invoice.due <= 0 ? "invoice_settled.markPaid" : "invoice_settled.mark";
  return {
    ...common(told, "invoice_settled.title", "invoice_settled.sentence"),
    figure: figureOf(told, data.amount),
    mark: markOf(told, "money", mark),
    facts: [
      ...timeFacts(reader, reader.words("invoice_settled.time"), event),
      ...balanceFacts(told),
    ],
  };
}

export function invoiceVoided(told: Told): MailContent {
  const { reader, invoice, event } = told;
  return {
    ...common(told, "invoice_voided.title", "invoice_voided.sentence"),
    figure: figureOf(told, invoice.total),
    mark: markOf(told, "closed", "invoice_voided.mark"),
    facts: timeFacts(reader, reader.words("invoice_voided.time"), event),
  };
}

function common(told: Told, title: Word, sentence: Word, values: Record<string, string> = {}) {
  const all = { number: told.invoice.number, ...values };
  return {
    title: told.reader.words(title, all),
    sentence: told.reader.words(sentence, all),
    quote: null,
    button: invoiceButton(told),
  };
}

function markOf(told: Told, tone: Mark["tone"], word: Word): Mark {
  return { tone, text: told.reader.words(word, { due: moneyOf(told, told.invoice.due) }) };
}
