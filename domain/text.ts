const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** What people see as one character is rarely longer than this; a longer one is cut inside. */
const longestGrapheme = 40;

/**
 * At most `length` UTF-16 units, ending in an ellipsis when something was cut, and never in a part of
 * what is seen as one character.
 */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = length - 1;
  const begins = graphemes.segment(text.slice(0, length + longestGrapheme)).containing(cut)?.index;
  if (begins !== undefined && begins > cut - longestGrapheme) return `${text.slice(0, begins)}…`;
  return `${beginning(text, cut)}…`;
}

/** As `clip`, broken between words unless the last one begins in the first half. */
export function clipWords(text: string, length: number): string {
  const cut = clip(text, length);
  const space = cut === text ? -1 : cut.search(/\s\S*$/);
  return space > length / 2 ? `${cut.slice(0, space).trimEnd()}…` : cut;
}

/** The first `length` UTF-16 units, without half a character at the end. */
export function beginning(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

// C0 and C1 controls, line separators, and what changes the direction of the text around it.
const invisible = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;
const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const removed = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const removedFromParagraphs = /[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|(?![\t\n\r])\p{Cc}/gu;

/** Whether a text has a line break, another control character, or turns the text around it. */
export function hasInvisible(text: string): boolean {
  return invisible.test(text);
}

/** A name, number or another text of one line: breaks become spaces, controls and overrides go. */
export function oneLine(text: string): string {
  if (!invisible.test(text)) return text;
  return text.replaceAll(breaks, " ").replaceAll(removed, "").trim();
}

/** A text of several lines: as it is, without controls and without what turns the text around it. */
export function paragraphs(text: string): string {
  return invisible.test(text) ? text.replaceAll(removedFromParagraphs, "") : text;
}

/** A sentence that ends in a name such as "Meridian B.V." has one full stop; an ellipsis stays. */
export function oneStop(text: string): string {
  return text.replaceAll(/(?<!\.)\.\.(?=\s|$)/g, ".");
}
