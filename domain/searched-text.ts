import { compact, wordsIn } from "./fold.ts";

/** What of an invoice people search by. */
interface Searched {
  number: string;
  customerName: string;
  description: string | null;
  references: readonly { kind: string; value: string }[];
  lines: readonly { description: string }[];
}

/**
 * An invoice as searches read it, folded, a line each: its number and its references as one word, a
 * reference behind its kind, then its names and texts with their words.
 */
export function searchedText(invoice: Searched): string {
  const numbers = [
    compact(invoice.number),
    ...invoice.references.map(({ kind, value }) => compact(kind + value)),
  ];
  const lines = invoice.lines.map(({ description }) => description);
  const texts = [invoice.customerName, invoice.description ?? "", ...lines];
  const said = new Set([...numbers, ...texts.map((text) => wordsIn(text).join(" "))]);
  return [...said].filter((line) => line !== "").join("\n");
}
