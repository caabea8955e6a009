/** Letters that Unicode takes for letters of their own, as people without that key type them. */
const plainLetters: Record<string, string> = {
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ħ: "h",
  ŧ: "t",
  ŋ: "n",
  ĸ: "k",
  ς: "σ",
};
const ownLetter = new RegExp(`[${Object.keys(plainLetters).join("")}]`, "g");

/**
 * Accents and vowel points of Latin, Greek, Cyrillic, Hebrew and Arabic, and letters that stand for one,
 * by the first and last of each range; other scripts need theirs.
 */
const marks = [
  [0x02b0, 0x02ff],
  [0x0300, 0x036f],
  [0x0591, 0x05c7],
  [0x0610, 0x061a],
  [0x0640, 0x0640],
  [0x064b, 0x065f],
  [0x0670, 0x0670],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x20d0, 0x20ff],
] as const;
const mayBeMark = /[\p{M}\p{Lm}\p{Sk}]/gu;

function withoutMark(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  return marks.some(([first, last]) => code >= first && code <= last) ? "" : letter;
}

/** Digits of Arabic, Persian and Indian scripts: each range begins with its zero. */
const digits = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef]/g;
const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6];

const isPlain = /^[\x20-\x7e\s]*$/;

/**
 * A text as searches compare it: without case, accents, ligatures and widths, so that "łódź", "STRASSE",
 * "ﬁnish" and "ＡＢＣ" are found as "lodz", "straße", "finish" and "abc".
 */
export function folded(text: string): string {
  if (isPlain.test(text)) return text.toLowerCase();
  return (
    text
      .normalize("NFKD")
      .replaceAll(mayBeMark, withoutMark)
      // Upper case first: "ß" becomes "ss", and the dotless "ı" an "i".
      .toUpperCase()
      .toLowerCase()
      .replaceAll(ownLetter, (letter) => plainLetters[letter] ?? letter)
      .replaceAll(digits, digitOf)
      .normalize("NFC")
  );
}

function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const zero = zeros.find((first) => code >= first && code <= first + 9) ?? code;
  return String(code - zero);
}

const nothingOfAWord = /[^\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** The folded words of a text, as spaces part them, each without what is neither letter nor digit. */
export function wordsIn(text: string): string[] {
  const words = folded(text).split(/\s+/);
  return words.map((word) => word.replaceAll(nothingOfAWord, "")).filter((word) => word !== "");
}

/** A name or number as one word: "PO 4500-102 101" is "po4500102101". */
export function compact(text: string): string {
  return wordsIn(text).join("");
}

/** What a word is made of where signs part it: "façade-élan" is "facade" and "elan". */
export function partsOf(word: string): string[] {
  return folded(word)
    .split(nothingOfAWord)
    .filter((part) => part !== "");
}
