/** One thing that a typed number can mean. */
export interface Reading {
  /** Digits with a point, "1234.5", perhaps with a minus before them. */
  decimal: string;
  /** What its only separator is here, where three digits behind it leave that open; null else. */
  only: { separator: "." | ","; is: "group" | "point" } | null;
}

/**
 * What a number as people type it can mean, whatever their language: "1.234,50", "1,234.50", "1 234,50"
 * and "1234.5" are sure, "1.234" has two readings, and what groups its digits wrongly has none.
 */
export function readingsOf(text: string): Reading[] {
  const compact = plain(text);
  const [, sign = "", digits = ""] = /^([+-]?)\s?(.*)$/.exec(compact) ?? [];
  const minus = sign === "-" ? "-" : "";
  const sure = sureReading(digits);
  if (sure !== null) return [{ decimal: minus + sure, only: null }];
  const [, whole = "", separator = "", rest = ""] =
    /^([1-9]\d{0,2})([.,])(\d{3})$/.exec(digits) ?? [];
  if (separator !== "." && separator !== ",") return [];
  return [
    { decimal: minus + whole + rest, only: { separator, is: "group" } },
    { decimal: `${minus}${whole}.${rest}`, only: { separator, is: "point" } },
  ];
}

/** Digits of full width as others, every kind of space, apostrophe and minus as one. */
export function plain(text: string): string {
  return text
    .replaceAll(/[‘’ʼ´`]/g, "'")
    .normalize("NFKC")
    .replaceAll(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[−–]/g, "-")
    .trim();
}

/** Groups of three behind the first; in India of two, and of three at the end. */
const grouped = [
  /^(\d{1,3}(?: \d{3})+)(?:[.,](\d+))?$/,
  /^(\d{1,3}(?:'\d{3})+)(?:[.,](\d+))?$/,
  /^([1-9]\d{0,2}(?:,\d{3})+)\.(\d+)$/,
  /^([1-9]\d{0,2}(?:\.\d{3})+),(\d+)$/,
  /^([1-9]\d{0,2}(?:,\d{3}){2,})$/,
  /^([1-9]\d{0,2}(?:\.\d{3}){2,})$/,
  /^([1-9]\d?(?:,\d\d)+,\d{3})(?:\.(\d+))?$/,
];

function sureReading(digits: string): string | null {
  if (/^\d+$/.test(digits)) return digits;
  for (const shape of grouped) {
    const [, whole, fraction = ""] = shape.exec(digits) ?? [];
    if (whole === undefined) continue;
    return whole.replaceAll(/\D/g, "") + (fraction && `.${fraction}`);
  }
  const [, whole = "", fraction = ""] = /^(\d+)[.,](\d+)$/.exec(digits) ?? [];
  if (whole === "" || (fraction.length === 3 && /^[1-9]\d{0,2}$/.test(whole))) return null;
  return `${whole}.${fraction}`;
}

/** What a separator is in a language: "." is the point in English and groups in German. */
export function roleOf(separator: "." | ",", locale: string): "group" | "point" | null {
  const parts = new Intl.NumberFormat(locale).formatToParts(12_345.6);
  if (parts.find(({ type }) => type === "decimal")?.value === separator) return "point";
  return parts.find(({ type }) => type === "group")?.value === separator ? "group" : null;
}

/**
 * The plain decimal of a quantity or price that was typed; null when it can't be read without guessing.
 * Three digits behind the only separator are read as the person's language has it; where it says that
 * they are decimals, only if the other reading is no answer (`fits`): not everybody chose a language.
 */
export function readDecimal(
  text: string,
  { locale, fits }: { locale: string; fits: (decimal: string) => boolean },
): string | null {
  const readings = readingsOf(text);
  const [first] = readings;
  if (first === undefined || first.only === null) return first?.decimal ?? null;
  const role = roleOf(first.only.separator, locale);
  const [own] = readings.filter(({ only }) => only?.is === role);
  if (own === undefined) return null;
  return role === "point" && fits(first.decimal) ? null : own.decimal;
}

/**
 * A plain decimal, "1742.50", as people of this language write it: "1.742,50". Its digits stay as they
 * are; what is no plain decimal is given as it is.
 */
export function decimalText(decimal: string, locale: string): string {
  const [, sign = "", whole, fraction] =
    /^([-−]?)(\d{1,15})(?:\.(\d+))?$/.exec(decimal.trim()) ?? [];
  if (whole === undefined) return decimal;
  const { format, point } = notationOf(locale);
  const grouped = format.format(Number(whole));
  return `${sign && "−"}${grouped}${fraction === undefined ? "" : point + fraction}`;
}

const notations = new Map<string, { format: Intl.NumberFormat; point: string }>();

/** Kept for reuse: making a formatter costs as much as rendering several rows. */
function notationOf(locale: string) {
  const known = notations.get(locale);
  if (known) return known;
  const format = new Intl.NumberFormat(locale, { numberingSystem: "latn" });
  const point = format.formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";
  notations.set(locale, { format, point });
  return { format, point };
}
