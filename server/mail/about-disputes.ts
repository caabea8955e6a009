import type { DisputeRow } from "#db/schema/disputes.ts";
import { DisputeState, isCreditPending, ReasonCode } from "#domain/dispute.ts";
import type { DisputeMove, EventData, LedgerEvent } from "#domain/event.ts";
import { type Fact, type MailContent, textFacts, timeFacts } from "./content.ts";
import type { Reader } from "./reader.ts";
import { balanceFacts, figureOf, invoiceButton, moneyOf, type Told } from "./told.ts";

type WithDispute = Told & { dispute: DisputeRow };

/** What the customer sent arrived. */
export function disputeOpened(told: WithDispute): MailContent {
  const { reader, dispute, invoice, event } = told;
  const date = reader.day(dispute.first_response_due_at);
  return {
    ...common(told),
    title: reader.words("dispute_opened.title", { dispute: dispute.number }),
    mark: { tone: "question", text: reader.words("dispute_opened.mark", { date }) },
    sentence: reader.words("dispute_opened.sentence", { number: invoice.number }),
    quote: { author: told.nameOf(dispute.opened_by), text: dispute.message },
    facts: factsOf(told, timeFacts(reader, reader.words("dispute_opened.time"), event)),
  };
}

/** It went on without an answer in words of its own kind, e.g. somebody began to work on it. */
export function disputeUpdated(told: WithDispute, move: DisputeMove): MailContent {
  const { reader, dispute, invoice, event } = told;
  const state = reader.words(`state.${move.state}`);
  return {
    ...common(told),
    title: reader.words("dispute_updated.title", { dispute: dispute.number, state }),
    mark: { tone: "question", text: reader.words("dispute_updated.mark", { state }) },
    sentence: reader.words("dispute_updated.sentence", { number: invoice.number }),
    quote: quoteOf(told, move),
    facts: factsOf(told, timeFacts(reader, reader.words("dispute_updated.time"), event)),
  };
}

/** The supplier asked or said something: `words` are the move's or the comment's author and words. */
export function disputeAnswered(told: WithDispute, words: Said): MailContent {
  const { reader, dispute, invoice, event } = told;
  const waits = DisputeState.parse(dispute.state) === "waiting_for_customer";
  const asks = event.type === "dispute.waiting";
  const said = asks ? "dispute_asked" : "dispute_answered";
  const mark = waits ? (`${said}.markWaiting` as const) : (`${said}.mark` as const);
  const { url, label } = common(told).button;
  return {
    ...common(told),
    title: reader.words(`${said}.title`, { dispute: dispute.number }),
    mark: { tone: "question", text: reader.words(mark) },
    sentence: reader.words(`${said}.sentence`, { number: invoice.number }),
    quote: quoteOf(told, words),
    facts: factsOf(told, timeFacts(reader, reader.words(`${said}.time`), event)),
    button: { url, label: waits ? reader.words("button.answer") : label },
  };
}

export function disputeResolved(told: WithDispute, move: DisputeMove): MailContent {
  const { reader, dispute, invoice, event } = told;
  const amount = move.creditedAmount ?? 0;
  const credit = moneyOf(told, amount);
  const sentence = reader.words("dispute_resolved.sentence", { number: invoice.number });
  const mark = amount > 0 ? "dispute_resolved.markCredit" : "dispute_resolved.mark";
  const granted: Fact[] =
    amount > 0 ? [{ label: reader.words("fact.credited"), value: credit, sum: "plain" }] : [];
  return {
    ...common(told),
    title: reader.words("dispute_resolved.title", { dispute: dispute.number }),
    figure: figureOf(told, amount > 0 ? amount : dispute.amount),
    mark: { tone: "money", text: reader.words(mark, { credit }) },
    sentence: isCreditPending(dispute, invoice)
      ? `${sentence} ${reader.words("dispute_resolved.credit")}`
      : sentence,
    quote: quoteOf(told, move),
    facts: factsOf(told, [
      ...granted,
      ...timeFacts(reader, reader.words("dispute_resolved.time"), event),
    ]),
  };
}

export function disputeRejected(told: WithDispute, move: DisputeMove): MailContent {
  const { reader, dispute, invoice, event } = told;
  return {
    ...common(told),
    title: reader.words("dispute_rejected.title", { dispute: dispute.number }),
    mark: { tone: "closed", text: reader.words("dispute_rejected.mark") },
    sentence: reader.words("dispute_rejected.sentence", { number: invoice.number }),
    quote: quoteOf(told, move),
    facts: factsOf(told, timeFacts(reader, reader.words("dispute_rejected.time"), event)),
  };
}

/** A message about the invoice as such. */
export function commentAdded(told: Told, words: EventData<"comment.added">): MailContent {
  const { reader, invoice, event } = told;
  const number = { number: invoice.number };
  return {
    title: reader.words("comment_added.title", number),
    figure: null,
    mark: null,
    sentence: reader.words("comment_added.sentence", number),
    quote: { author: told.nameOf(words.author), text: words.text },
    facts: timeFacts(reader, reader.words("comment_added.time"), event),
    balance: balanceFacts(told),
    button: invoiceButton(told),
  };
}

interface Said {
  author?: string | undefined;
  message?: string | undefined;
}

/** Words of a move or a comment, for `disputeAnswered`. */
export function saidIn({ data }: LedgerEvent): Said {
  if ("text" in data) return { author: data.author, message: data.text };
  return "from" in data && "disputeId" in data
    ? { author: data.author, message: data.message }
    : {};
}

/** "price incorrect" in the reader's language. */
export function reasonText(reader: Reader, dispute: Pick<DisputeRow, "reason">): string {
  return reader.words(`reason.${ReasonCode.parse(dispute.reason)}`);
}

function common(told: WithDispute) {
  const { reader, dispute, publicUrl } = told;
  return {
    figure: figureOf(told, dispute.amount),
    balance: balanceFacts(told),
    button: {
      label: reader.words("button.dispute", { dispute: dispute.number }),
      url: `${publicUrl}/disputes/${encodeURIComponent(dispute.number)}`,
    },
  };
}

function quoteOf({ supplier, nameOf }: Told, { author, message }: Said): MailContent["quote"] {
  return message ? { author: nameOf(author ?? supplier.name), text: message } : null;
}

function factsOf(told: WithDispute, middle: Fact[]): Fact[] {
  const { reader, dispute } = told;
  const disputed = `${moneyOf(told, dispute.amount)}, ${reasonText(reader, dispute)}`;
  const reference = dispute.customer_reference;
  return [
    ...textFacts([
      [reader.words("fact.youDisputed"), disputed],
      [reader.words("fact.reference"), reference],
    ]),
    ...middle,
  ];
}
