import type { EventData } from "#domain/event.ts";
import { type MailContent, textFacts, timeFacts } from "./content.ts";
import type { Reader } from "./reader.ts";
import { balanceFacts, figureOf, invoiceButton, moneyOf, type Told } from "./told.ts";
import type { Word } from "./words/en.ts";

/** A new invoice, as it was issued. */
export function invoiceIssued(
  told: Told,
  { invoice: issued }: EventData<"invoice.issued" | "invoice.reissued">,
): MailContent {
  const { reader, invoice, supplier, event } = told;
  const { dueOn, issuedOn, total } = issued;
  const who = { supplier: supplier.name, customer: invoice.customer_name };
  return {
    ...inInvoice(told, "invoice_issued.title", "invoice_issued.sentence", who),
    figure: figureOf(told, total),
    mark: { tone: "open", text: issuedMark(reader, { total, dueOn }) },
    facts: [
      ...textFacts([[reader.words("fact.po"), invoice.po_key]]),
      ...timeFacts(reader, reader.words("invoice_issued.time"), {
        ...event,
        occurredAt: issuedOn ?? event.occurredAt,
      }),
    ],
    balance: balanceFacts(told),
  };
}

function issuedMark(reader: Reader, { total, dueOn }: { total: number; dueOn: string | null }) {
  if (total <= 0) return reader.words("invoice_issued.markNothing");
  if (dueOn === null) return reader.words("invoice_issued.markUndated");
  return reader.words("invoice_issued.mark", { date: reader.day(dueOn) });
}

/** Its total, due date or number is another one. */
export function invoiceChanged(told: Told, data: EventData<"invoice.updated">): MailContent {
  const { reader, event } = told;
  const { total } = data.after;
  return {
    ...inInvoice(told, "invoice_changed.title", "invoice_changed.sentence"),
    figure: total === undefined ? null : figureOf(told, total),
    mark: { tone: "open", text: changesOf(told, data).join(", ") },
    facts: timeFacts(reader, reader.words("invoice_changed.time"), event),
    balance: balanceFacts(told),
  };
}

function changesOf(told: Told, { before, after }: EventData<"invoice.updated">): string[] {
  const { reader } = told;
  const changes: string[] = [];
  if (after.total !== undefined && before.total !== undefined) {
    const values = { from: moneyOf(told, before.total), to: moneyOf(told, after.total) };
    changes.push(reader.words("invoice_changed.total", values));
  }
  if (after.dueOn !== undefined) {
    const day = (date: string | null | undefined) =>
      date ? reader.day(date) : reader.words("invoice_changed.undated");
    const values = { from: day(before.dueOn), to: day(after.dueOn) };
    changes.push(reader.words("invoice_changed.dueOn", values));
  }
  if (after.number !== undefined) {
    const values = { from: before.number ?? "", to: after.number };
    changes.push(reader.words("invoice_changed.number", values));
  }
  return changes;
}

/** The due date passed. */
export function invoiceOverdue(
  told: Told,
  { dueOn, due }: EventData<"invoice.overdue">,
): MailContent {
  const { reader, invoice, event, disputed } = told;
  const mail = inInvoice(told, "invoice_overdue.title", "invoice_overdue.sentence");
  const waits = disputed > 0 ? ` ${reader.words("invoice_overdue.disputed")}` : "";
  const mark = reader.words("invoice_overdue.mark", { date: reader.day(dueOn) });
  return {
    ...mail,
    sentence: mail.sentence + waits,
    figure: figureOf(told, due),
    mark: { tone: "late", text: mark },
    facts: [
      ...textFacts([[reader.words("fact.po"), invoice.po_key]]),
      ...timeFacts(reader, reader.words("invoice_overdue.time"), event),
    ],
    balance: balanceFacts(told),
  };
}

export function invoiceVoided(told: Told, data: EventData<"invoice.voided">): MailContent {
  const { reader, event } = told;
  return {
    ...inInvoice(told, "invoice_voided.title", "invoice_voided.sentence"),
    figure: figureOf(told, data.settlement.total),
    mark: { tone: "closed", text: reader.words("invoice_voided.mark") },
    facts: timeFacts(reader, reader.words("invoice_voided.time"), event),
  };
}

/** What was left of it is no longer asked for. */
export function invoiceWrittenOff(told: Told, data: EventData<"invoice.written_off">): MailContent {
  const { reader, event } = told;
  return {
    ...inInvoice(told, "invoice_written_off.title", "invoice_written_off.sentence"),
    figure: figureOf(told, data.settlement.due),
    mark: { tone: "closed", text: reader.words("invoice_written_off.mark") },
    facts: timeFacts(reader, reader.words("invoice_written_off.time"), event),
    balance: balanceFacts(told),
  };
}

/** It counts again after it was voided or written off. */
export function invoiceReinstated(
  told: Told,
  data: EventData<"invoice.unvoided" | "invoice.updated">,
): MailContent {
  const { reader, event } = told;
  const due = "settlement" in data ? data.settlement.due : data.after.due;
  return {
    ...inInvoice(told, "invoice_reinstated.title", "invoice_reinstated.sentence"),
    figure: due === undefined ? null : figureOf(told, due),
    mark: { tone: "open", text: reader.words("invoice_reinstated.mark") },
    facts: timeFacts(reader, reader.words("invoice_reinstated.time"), event),
    balance: balanceFacts(told),
  };
}

/** What mails about an invoice have in common. */
export function inInvoice(
  told: Told,
  title: Word,
  sentence: Word,
  values: Record<string, string> = {},
) {
  const all = { number: told.invoice.number, ...values };
  return {
    title: told.reader.words(title, all),
    sentence: told.reader.words(sentence, all),
    quote: null,
    button: invoiceButton(told),
  };
}
