import { toDecimal } from "#domain/money.ts";
import { clipWords } from "#domain/text.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";

/** Words that fit into a system's place for them. Where they had to be shortened, the receipt says so. */
export interface Fitted {
  text: string;
  isShortened: boolean;
}

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

/**
 * The note in at most `longest` characters. What the person wrote is shortened, at a word; all the rest
 * stays whole, and the link then says that it leads to the whole text.
 */
export function noteWithin(request: WriteBackRequest, longest: number): Fitted {
  const text = noteFor(request);
  if (text.length <= longest) return { text, isShortened: false };
  const url = `Shortened, the whole text: ${request.url}`;
  const words = request.comment?.text ?? request.dispute?.message ?? "";
  const room = longest - (noteFor({ ...request, url }).length - words.length);
  const short = clipWords(words, Math.max(1, room));
  const { dispute, comment } = request;
  const note = noteFor({
    ...{ ...request, url },
    ...(dispute && { dispute: { ...dispute, message: short } }),
    ...(comment && { comment: { ...comment, text: short } }),
  });
  return { text: note, isShortened: true };
}

/** A person's words in at most `longest` characters: shortened at a word, with the link to the whole. */
export function wordsWithin(words: string, url: string, longest: number): Fitted {
  if (words.length <= longest) return { text: words, isShortened: false };
  const short = clipWords(words, Math.max(1, longest - url.length - 1));
  return { text: `${short} ${url}`, isShortened: true };
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
