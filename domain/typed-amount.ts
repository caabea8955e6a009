import { decimalsOf } from "./currency.ts";
import { plain, type Reading, readingsOf, roleOf } from "./typed-number.ts";

interface Typed {
  text: string;
  /** The currency that the amount is in: another one is refused. */
  currency: string;
  /** The person's, for what the text itself leaves open, such as 1,234. */
  locale: string;
}

/** Minor units, or the words that say why it could not be read and what to write instead. */
export type TypedAmount = { amount: number } | { refusal: string };

/**
 * Reads an amount as people type it or copy it from a page: "1.234,50", "EUR 1,234.50", "598,22 €".
 * What can't be read without guessing is refused: three digits behind the only separator are decimals
 * only in a currency that has so many, and groups only where the person's language groups so.
 */
export function typedAmount(typed: Typed): TypedAmount {
  const { text, currency, locale } = typed;
  const decimals = decimalsOf(currency);
  const like = `Write the amount like ${shown(decimals === 0 ? "1250" : "1250.5", typed)}`;
  const bare = withoutCurrency(text, currency, locale);
  if (bare === null) return { refusal: `The amount is in ${currency}. ${like}` };
  const readings = readingsOf(bare);
  const [first] = readings;
  if (first === undefined) return { refusal: `${like}, in ${currency}` };
  const sure = first.only === null ? first : sureOf(first.only, readings, { locale, decimals });
  if (sure === undefined) return { refusal: question(readings, typed) };
  const [whole = "", fraction = ""] = sure.decimal.split(".");
  if (fraction.length > decimals) {
    const has = decimals === 0 ? "no decimals" : `${decimals} decimals at most`;
    return { refusal: `${currency} has ${has}. ${like}` };
  }
  const amount = Number(whole + fraction.padEnd(decimals, "0"));
  if (!Number.isSafeInteger(amount)) return { refusal: `This amount is too large. ${like}` };
  return { amount: amount === 0 ? 0 : amount };
}

/** The reading that currency and language agree on; undefined when they leave it open. */
function sureOf(
  { separator }: NonNullable<Reading["only"]>,
  readings: Reading[],
  { locale, decimals }: { locale: string; decimals: number },
): Reading | undefined {
  const usual = decimals >= 3 ? "point" : "group";
  if (roleOf(separator, locale) !== usual) return undefined;
  return readings.find(({ only }) => only?.is === usual);
}

/** "Do you mean EUR 1,000.00 or EUR 1.00?" */
function question(readings: Reading[], typed: Typed): string {
  const decimals = decimalsOf(typed.currency);
  const possible = readings
    .map(({ decimal }) => (decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal))
    .filter((decimal) => (decimal.split(".")[1] ?? "").length <= decimals)
    .map((decimal) => `${typed.currency}\u00a0${shown(decimal, typed)}`);
  return `Do you mean ${possible.join(" or ")}? Write it like that`;
}

/** As the page writes it, without the currency. Only for few digits. */
function shown(decimal: string, { currency, locale }: Typed): string {
  const digits = decimalsOf(currency);
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = new Intl.NumberFormat(locale, { ...options, numberingSystem: "latn" });
  return format.format(Number(decimal));
}

/** The text without the code or a symbol of this currency at either end; null when it names another. */
function withoutCurrency(text: string, currency: string, locale: string): string | null {
  const [, sign = "", rest = ""] = /^([+-]?)\s?(.*)$/.exec(plain(text)) ?? [];
  const upper = rest.toUpperCase();
  for (const mark of marksOf(currency, locale)) {
    if (upper.startsWith(mark)) return (sign + rest.slice(mark.length).trim()).trim();
    if (upper.endsWith(mark)) return sign + rest.slice(0, -mark.length).trim();
  }
  const isOther = /^(?:[A-Z]{0,3}\p{Sc}|[A-Z]{3}(?= ?[+-]?\d))|(?:\d ?[A-Z]{3}|\p{Sc})$/u.test(
    upper,
  );
  return isOther ? null : sign + rest;
}

/** Its code and what languages write for it, the longest first: US$ before $. */
function marksOf(currency: string, locale: string): string[] {
  const marks = new Set([currency]);
  for (const language of [locale, "en-US", "de-DE"]) {
    for (const currencyDisplay of ["symbol", "narrowSymbol"] as const) {
      const format = new Intl.NumberFormat(language, {
        style: "currency",
        currency,
        currencyDisplay,
      });
      const part = format.formatToParts(1).find(({ type }) => type === "currency");
      if (part) marks.add(plain(part.value).toUpperCase());
    }
  }
  return [...marks].filter((mark) => mark !== "").toSorted((a, b) => b.length - a.length);
}
