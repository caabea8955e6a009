import { eventWords, type EventWord } from "./words.ts";

/** The title of an event type in plain language; a type that has none is shown as it is. */
export function wordsOf(type: string): string {
  return isEventWord(type) ? eventWords[type] : type;
}

/** What an outbox row is about: "Mail: payment received" or the event that is written back. */
export function outboxWords({ kind, what }: { kind: string; what: string }): string {
  return kind === "mail" ? `Mail: ${what.replaceAll("_", " ")}` : wordsOf(what);
}

function isEventWord(type: string): type is EventWord {
  return type in eventWords;
}
