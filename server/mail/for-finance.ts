import { z } from "zod";
import type { DisputeRow } from "#db/schema/disputes.ts";
import type { EventData } from "#domain/event.ts";
import { reasonText } from "./about-disputes.ts";
import { type Fact, type MailContent, textFacts, timeFacts } from "./content.ts";
import { balanceFacts, figureOf, moneyOf, type Told } from "./told.ts";
import type { Word } from "./words/en.ts";

const Silence = z.object({ name: z.string(), since: z.string() });
const Differed = z.object({ name: z.string(), differed: z.int() });
const Loss = z.object({ name: z.string(), fault: z.string() });

type WithDispute = Told & { dispute: DisputeRow };

export function financeDisputeOpened(told: WithDispute): MailContent {
  const { reader, dispute, event } = told;
  const date = reader.time(dispute.first_response_due_at);
  return {
    ...common(told, "finance_dispute_opened.title", "finance_dispute_opened.sentence"),
    figure: figureOf(told, dispute.amount),
    mark: { tone: "question", text: reader.words("finance_dispute_opened.mark", { date }) },
    quote: { author: told.nameOf(dispute.opened_by), text: dispute.message },
    facts: [
      ...disputedFact(told),
      ...timeFacts(reader, reader.words("dispute_opened.time"), event),
    ],
    balance: balanceFacts(told),
  };
}

export function financeDisputeWithdrawn(told: WithDispute): MailContent {
  const { reader, dispute, event } = told;
  return {
    ...common(told, "finance_dispute_withdrawn.title", "finance_dispute_withdrawn.sentence"),
    figure: figureOf(told, dispute.amount),
    mark: { tone: "closed", text: reader.words("finance_dispute_withdrawn.mark") },
    facts: [
      ...disputedFact(told),
      ...timeFacts(reader, reader.words("finance_dispute_withdrawn.time"), event),
    ],
    balance: balanceFacts(told),
  };
}

export function financeComment(told: Told, words: EventData<"comment.added">): MailContent {
  const { reader, event } = told;
  return {
    ...common(told, "finance_comment.title", "finance_comment.sentence"),
    quote: { author: told.nameOf(words.author), text: words.text },
    facts: timeFacts(reader, reader.words("comment_added.time"), event),
    balance: balanceFacts(told),
  };
}

export function financePromise(
  told: Told,
  template: "finance_promise_made" | "finance_promise_withdrawn",
  promise: EventData<"promise.made" | "promise.withdrawn">,
): MailContent {
  const { reader, event } = told;
  const date = reader.day(promise.promisedOn);
  const author = told.nameOf(promise.author);
  return {
    ...common(told, `${template}.title`, `${template}.sentence`, { author }),
    figure: figureOf(told, promise.amount),
    mark: { tone: "question", text: reader.words(`${template}.mark`, { date }) },
    facts: [
      ...textFacts([[reader.words("fact.promisedOn"), date]]),
      ...timeFacts(reader, reader.words(`${template}.time`), event),
    ],
    balance: balanceFacts(told),
  };
}

/** A system could not be told, and what follows about the invoice waits. */
export function financeWriteBackParked(
  told: Told,
  { answer, outboxId, connection }: EventData<"writeback.failed">,
): MailContent {
  const { reader, event } = told;
  const system = told.nameOf(connection);
  return {
    ...common(told, "finance_writeback_parked.title", "finance_writeback_parked.sentence", {
      system,
    }),
    mark: { tone: "late", text: reader.words("finance_writeback_parked.mark") },
    facts: [
      ...textFacts([
        [reader.words("fact.system"), system],
        [reader.words("fact.answer"), answer],
      ]),
      ...timeFacts(reader, reader.words("finance_writeback_parked.time"), event),
    ],
    button: outboxButton(told, outboxId),
  };
}

/** Also for mail that is about no invoice, such as an invitation. */
export function financeMailFailed(
  told: Omit<Told, "invoice"> & { invoice: Told["invoice"] | null },
  { answer, outboxId, recipient }: EventData<"mail.failed">,
): MailContent {
  const { reader, event } = told;
  return {
    title: reader.words("finance_mail_failed.title", { recipient }),
    figure: null,
    mark: { tone: "late", text: reader.words("finance_mail_failed.mark") },
    sentence: reader.words("finance_mail_failed.sentence"),
    quote: null,
    facts: [
      ...textFacts([
        [reader.words("fact.recipient"), recipient],
        [reader.words("fact.invoice"), told.invoice?.number],
        [reader.words("fact.answer"), answer],
      ]),
      ...timeFacts(reader, reader.words("finance_mail_failed.time"), event),
    ],
    button: outboxButton(told, outboxId),
  };
}

/** A system has not sent anything for longer than it usually does. */
export function financeConnectionSilent(
  told: Pick<Told, "reader" | "event" | "publicUrl">,
  { subject, details }: EventData<"audit.recorded">,
): MailContent {
  const { reader, event, publicUrl } = told;
  const { name, since } = Silence.parse(details);
  const date = reader.time(since);
  return {
    title: reader.words("finance_connection_silent.title", { system: name }),
    figure: null,
    mark: { tone: "late", text: reader.words("finance_connection_silent.mark", { date }) },
    sentence: reader.words("finance_connection_silent.sentence"),
    quote: null,
    facts: [
      ...textFacts([[reader.words("fact.system"), name]]),
      ...timeFacts(reader, reader.words("finance_connection_silent.time"), event),
    ],
    button: {
      label: reader.words("button.outbox"),
      url: `${publicUrl}/finance/connections/${encodeURIComponent(subject)}`,
    },
  };
}

/** The vendor ended the portal's access to an organisation. */
export function financeConnectionLost(
  told: Pick<Told, "reader" | "event" | "publicUrl">,
  { subject, details }: EventData<"audit.recorded">,
): MailContent {
  const { reader, event, publicUrl } = told;
  const { name, fault } = Loss.parse(details);
  return {
    title: reader.words("finance_connection_lost.title", { system: name }),
    figure: null,
    mark: { tone: "late", text: reader.words("finance_connection_lost.mark") },
    sentence: reader.words("finance_connection_lost.sentence"),
    quote: null,
    facts: [
      ...textFacts([
        [reader.words("fact.system"), name],
        [reader.words("fact.answer"), fault],
      ]),
      ...timeFacts(reader, reader.words("finance_connection_lost.time"), event),
    ],
    button: {
      label: reader.words("button.outbox"),
      url: `${publicUrl}/finance/connections/${encodeURIComponent(subject)}`,
    },
  };
}

/** The hourly pull found invoices that no delivery had told of. */
export function financeReconciliation(
  told: Pick<Told, "reader" | "event" | "publicUrl">,
  { subject, details }: EventData<"audit.recorded">,
): MailContent {
  const { reader, event, publicUrl } = told;
  const { name, differed } = Differed.parse(details);
  const count = String(differed);
  return {
    title: reader.words("finance_reconciliation.title", { system: name }),
    figure: null,
    mark: { tone: "question", text: reader.words("finance_reconciliation.mark", { count }) },
    sentence: reader.words("finance_reconciliation.sentence"),
    quote: null,
    facts: [
      ...textFacts([[reader.words("fact.system"), name]]),
      ...timeFacts(reader, reader.words("finance_reconciliation.time"), event),
    ],
    button: {
      label: reader.words("button.outbox"),
      url: `${publicUrl}/finance/connections/${encodeURIComponent(subject)}`,
    },
  };
}

function disputedFact(told: WithDispute): Fact[] {
  const { reader, dispute } = told;
  const disputed = `${moneyOf(told, dispute.amount)}, ${reasonText(reader, dispute)}`;
  return textFacts([
    [reader.words("fact.disputed_by"), disputed],
    [reader.words("fact.reference"), dispute.customer_reference],
  ]);
}

function outboxButton({ reader, publicUrl }: Pick<Told, "reader" | "publicUrl">, id: string) {
  const url = `${publicUrl}/finance/outbox/${encodeURIComponent(id)}`;
  return { label: reader.words("button.outbox"), url };
}

function common(told: Told, title: Word, sentence: Word, values: Record<string, string> = {}) {
  const { reader, invoice, dispute, publicUrl } = told;
  const all = {
    number: invoice.number,
    customer: invoice.customer_name,
    dispute: dispute?.number ?? "",
    ...values,
  };
  const page = dispute
    ? `disputes/${dispute.id}`
    : `audit?invoice=${encodeURIComponent(invoice.number)}`;
  const about = { number: dispute?.number ?? invoice.number };
  return {
    title: reader.words(title, all),
    figure: null,
    mark: null,
    sentence: reader.words(sentence, all),
    quote: null,
    button: { label: reader.words("button.invoice", about), url: `${publicUrl}/finance/${page}` },
  };
}
