import { Refusal } from "./refusal.ts";

// ISO 4217; every currency not named here has two decimals.
const withoutDecimals = new Set(
  "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" "),
);
const withThreeDecimals = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));

/** How many decimals an amount in this currency is written with, by ISO 4217. */
export function decimalsOf(currency: string): number {
  if (withoutDecimals.has(currency)) return 0;
  return withThreeDecimals.has(currency) ? 3 : 2;
}

/** Writes minor units as a decimal string in major units: 125050 EUR is "1250.50", 500 JPY "500". */
export function toDecimal(minor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(minor)).padStart(decimals + 1, "0");
  const sign = minor < 0 ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Reads "1250.5" as minor units; refuses (422) what has more decimals than the currency or is no number. */
export function fromDecimal(text: string, currency: string): number {
  const decimals = decimalsOf(currency);
  const match = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text.trim());
  const fraction = match?.[3] ?? "";
  if (!match || fraction.length > decimals) {
    throw new Refusal(
      422,
      `"${text}" is not an amount in ${currency}, such as ${example(currency)}`,
    );
  }
  const minor = Number(`${match[2]}${fraction.padEnd(decimals, "0")}`);
  return match[1] === "-" ? -minor : minor;
}

/** Writes minor units for people: "1,250.50 EUR". */
export function toText(minor: number, currency: string): string {
  const [whole = "", fraction] = toDecimal(minor, currency).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${fraction === undefined ? grouped : `${grouped}.${fraction}`} ${currency}`;
}

function example(currency: string): string {
  return toDecimal(1250 * 10 ** decimalsOf(currency), currency);
}
