import { toDecimal } from "#domain/money.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";

/**
 * A write-back as plain text, for systems that have only notes. It begins with the marker, by which
 * the note is found again when the answer to writing it was lost.
 */
export function noteFor(request: Omit<WriteBackRequest, "key">): string {
  const { marker, event, occurredAt, actor, url } = request;
  const who = actor.email === undefined ? actor.name : `${actor.name} <${actor.email}>`;
  const lines = [
    `${marker} ${wordsOf(event)}`,
    `By ${who}, ${occurredAt}`,
    ...disputeLines(request.dispute),
    ...(request.comment ? ["", request.comment.text] : []),
    ...promiseLines(request),
    "",
    url,
  ];
  return lines.join("\n");
}

function wordsOf(event: string): string {
  const [subject = "", verb = ""] = event.split(".");
  return `${subject} ${verb.replaceAll("_", " ")}`;
}

function disputeLines(dispute: WriteBackRequest["dispute"]): string[] {
  if (!dispute) return [];
  const { number, state, reason, amount, creditedAmount, message } = dispute;
  const lines = [
    `Dispute ${number}: ${state.replaceAll("_", " ")}, ${reason.replaceAll("_", " ")}`,
    `Disputed: ${toDecimal(amount)} ${amount.currency}`,
  ];
  if (creditedAmount)
    lines.push(`Credited: ${toDecimal(creditedAmount)} ${creditedAmount.currency}`);
  return message === "" ? lines : [...lines, "", message];
}

function promiseLines(request: Omit<WriteBackRequest, "key">): string[] {
  const promise = request.promise ?? request.withdrawnPromise;
  if (!promise) return [];
  const { promisedOn, amount } = promise;
  const promised = `Payment of ${toDecimal(amount)} ${amount.currency} promised for ${promisedOn}`;
  return [request.promise ? promised : `${promised}: taken back`];
}
