import type { Money } from "#domain/money.ts";
import type { Instant, Occurred } from "#domain/time.ts";
import type { Reader } from "./reader.ts";

/** What a mail says, in the reader's language; HTML and text are both written from it. */
export interface MailContent {
  title: string;
  /** The one amount that it is about. */
  figure: Money | null;
  mark: Mark | null;
  sentence: string;
  /** Words of a person, shown as theirs. */
  quote: { author: string; text: string } | null;
  facts: Fact[];
  /** Sums as they are when the mail is written, whatever its event said: a joined mail says them once. */
  balance?: Fact[];
  button: { label: string; url: string };
}

export interface Mark {
  tone: "open" | "money" | "late" | "question" | "closed";
  text: string;
}

export interface Fact {
  label: string;
  value: string;
  /** In smaller letters below, e.g. the time in UTC. */
  detail?: string;
  /** "as of …", where the value changes with time. */
  asOf?: string;
  /** Sums are set in bold and aligned. */
  sum?: "plain" | "bold";
}

/** Characters, because mail programs drop SVG. */
export const signs: Record<Mark["tone"], string> = {
  open: "○",
  money: "✓",
  late: "!",
  question: "◆",
  closed: "–",
};

/** When it happened and when it was recorded: in the reader's zone, and in UTC unless a bare day. */
export function timeFacts(
  reader: Reader,
  label: string,
  event: { occurredAt: Occurred; recordedAt: Instant },
): Fact[] {
  return [
    timeFact(reader, label, event.occurredAt),
    timeFact(reader, reader.words("fact.recorded"), event.recordedAt),
  ];
}

function timeFact(reader: Reader, label: string, at: Occurred): Fact {
  const value = reader.time(at);
  return at.length === 10 ? { label, value } : { label, value, detail: utc(at) };
}

/** ISO 8601 to the second. */
function utc(at: Instant): string {
  return `${at.slice(0, 19)}Z`;
}

/** A fact for each value that is there. */
export function textFacts(facts: [label: string, value: string | null | undefined][]): Fact[] {
  return facts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}
