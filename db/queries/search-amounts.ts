import { decimalsOf } from "#domain/currency.ts";

/** An amount as somebody typed it: what it comes to in minor units, by a currency's decimals. */
export interface TypedAmount {
  /** The currencies that it may be in; null where any may. */
  currencies: readonly string[] | null;
  /** By number of decimals; one of two readings where a sign may group or be the point. */
  minor: ReadonlyMap<number, readonly number[]>;
}

const symbols: Record<string, readonly string[] | null> = {
  "€": ["EUR"],
  "£": ["GBP"],
  "¥": ["JPY", "CNY"],
  円: ["JPY"],
  元: ["CNY"],
  "₩": ["KRW"],
  "₹": ["INR"],
  zł: ["PLN"],
  Kč: ["CZK"],
  "₺": ["TRY"],
  "₴": ["UAH"],
  "₪": ["ILS"],
  "₫": ["VND"],
  // Of many countries.
  $: null,
  kr: null,
  "Fr.": ["CHF"],
};
const symbol = Object.keys(symbols)
  .map((sign) => sign.replaceAll(/[.$]/g, "\\$&"))
  .join("|");
const money = `[A-Z]{0,3}(?:${symbol})|[A-Z]{3}`;
const shape = new RegExp(
  `^(${money})?([-−+]?)(${money})?([\\d.,]*\\d)[.,]?[-–—]*(${money})?$`,
  "iu",
);

/** Decimals of all the currencies that there are. */
const decimals = [0, 2, 3, 4];

/**
 * Reads an amount in any notation, with its currency or without: "12.756,55 €", "USD7,493.28",
 * "12'756.55", "1,00,000". null for what is none. A search looks for both readings of "1.234".
 */
export function typedAmount(text: string): TypedAmount | null {
  const plain = text.normalize("NFKC").replaceAll(/[\s'’`´]/gu, "");
  const [, before, sign, between, digits = "", after] = shape.exec(plain) ?? [];
  const named = [before, between, after].filter((name) => name !== undefined);
  if (digits === "" || digits.length > 25 || named.length > 1) return null;
  const currencies = named[0] === undefined ? null : currenciesOf(named[0]);
  const factor = sign === "-" || sign === "−" ? -1 : 1;
  const readings = readingsOf(digits);
  const minor = new Map<number, number[]>();
  for (const count of decimals) {
    if (currencies && !currencies.some((code) => decimalsOf(code) === count)) continue;
    const amounts = readings.flatMap((reading) => inMinor(reading, count));
    if (amounts.length > 0)
      minor.set(
        count,
        amounts.map((amount) => amount * factor),
      );
  }
  return minor.size === 0 ? null : { currencies, minor };
}

function currenciesOf(name: string): readonly string[] | null {
  const known = Object.keys(symbols).find((sign) => sign.toLowerCase() === name.toLowerCase());
  if (known !== undefined) return symbols[known] ?? null;
  return /^[A-Z]{3}$/i.test(name) ? [name.toUpperCase()] : null;
}

interface Reading {
  whole: string;
  fraction: string;
}

/** With one sign in it that stands before three digits, it may group or be the point: both are read. */
function readingsOf(digits: string): Reading[] {
  const last = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  const grouped = digits.replaceAll(/[.,]/g, "");
  if (last < 0) return [{ whole: digits, fraction: "" }];
  const point = digits.charAt(last);
  const whole = digits.slice(0, last);
  const asPoint = { whole: whole.replaceAll(/[.,]/g, ""), fraction: digits.slice(last + 1) };
  const isRepeated = whole.includes(point);
  const mayGroup = /^\d{1,3}([.,]\d{2,3})*[.,]\d{3}$/.test(digits) && !hasOther(whole, point);
  if (isRepeated) return mayGroup ? [{ whole: grouped, fraction: "" }] : [];
  return mayGroup ? [{ whole: grouped, fraction: "" }, asPoint] : [asPoint];
}

function hasOther(text: string, sign: string): boolean {
  return text.includes(sign === "." ? "," : ".");
}

function inMinor({ whole, fraction }: Reading, count: number): number[] {
  const used = fraction.replace(/0+$/, "");
  if (used.length > count) return [];
  const amount = Number(whole + used.padEnd(count, "0"));
  return Number.isSafeInteger(amount) ? [amount] : [];
}
