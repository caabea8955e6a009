import { compact, partsOf, wordsIn } from "#domain/fold.ts";
import { beginning } from "#domain/text.ts";

/** A word that is asked for: all words of one of these ways stand in what is found. */
export type Term = string[][];

/** The index knows words by pieces of so many letters. */
const pieceLength = 3;
/** Of an invoice; PostgreSQL holds 1 MB of them. */
const mostPieces = 50_000;
const mostTerms = 8;
const longestTerm = 60;

/** Words that say what a number is; with the number beside them they ask for nothing. */
const labels = new Set(
  "po no nr number numero nummer invoice rechnung facture order bestellung bestellnummer dispute ref reference".split(
    " ",
  ),
);

/**
 * What a search asks for: every term has to be found, anywhere in a word. "façade-élan" may also stand
 * as two words; "INV-10" may not, since every other number has a 10.
 */
export function termsOf(search: string): Term[] {
  const words = search.split(/\s+/).filter((word) => compact(word) !== "");
  const isNumbered = words.some((word) => /\d/.test(compact(word)));
  const asked = words.filter((word) => !isNumbered || !labels.has(compact(word)));
  return asked.slice(0, mostTerms).map((word) => {
    const whole = beginning(compact(word), longestTerm);
    const parts = partsOf(word).map((part) => beginning(part, longestTerm));
    const mayStandApart = parts.length > 1 && parts.every((part) => /^\p{L}+$/u.test(part));
    return mayStandApart ? [[whole], parts] : [[whole]];
  });
}

/** The pieces that a word's place in the index is found by; of a short one only the beginning is known. */
export function piecesOf(word: string): { piece: string; isBeginning: boolean }[] {
  const letters = Array.from(word);
  if (letters.length < pieceLength) {
    return [{ piece: letters.map(inAscii).join(""), isBeginning: true }];
  }
  const last = letters.length - pieceLength;
  const pieces = letters.slice(0, last + 1).map((_, at) => pieceAt(letters, at));
  return [...new Set(pieces)].map((piece) => ({ piece, isBeginning: false }));
}

/**
 * What an invoice's row in the index holds: every three letters in a row, and what is left at the end of
 * a word, each behind the customer record that it is for.
 */
export function searchText(record: string, text: string): string {
  const pieces = new Set<string>();
  for (const word of wordsIn(text)) {
    const letters = Array.from(word);
    for (let at = 0; at < letters.length && pieces.size < mostPieces; at++) {
      pieces.add(recordName(record) + pieceAt(letters, at));
    }
  }
  return [...pieces].join(" ");
}

/** So many letters at the end of a record's id tell it from others; who may see a row is checked apart. */
export const recordNameLength = 6;

function recordName(record: string): string {
  return record.slice(-recordNameLength);
}

function pieceAt(letters: readonly string[], at: number): string {
  return letters
    .slice(at, at + pieceLength)
    .map(inAscii)
    .join("");
}

/** Both engines take ASCII letters and digits for a word, whatever else they know. */
function inAscii(letter: string): string {
  if (/^[a-z0-9]$/.test(letter)) return letter;
  const code = letter.codePointAt(0) ?? 0;
  return `z${code.toString(36).padStart(4, "0")}`;
}
