import { Currency, type Money, toDecimal } from "#domain/money.ts";
import { clip } from "#domain/text.ts";
import { RequestError } from "#server/errors.ts";

/** Stripe, "Supported currencies": how many of its units are one of ISO 4217's minor units, where not 1. */
const unitsPerMinor = new Map([
  ["ISK", 100], // two decimals there, none by ISO
  ["UGX", 100],
  ["MGA", 0.01], // no decimals there, two by ISO
]);

/**
 * An amount as Stripe sends it (lower-case currency). Throws 422 where ISO has no such fraction or no
 * such currency.
 */
export function fromStripe(amount: number, currencyCode: string): Money {
  const currency = currencyCode.toUpperCase();
  if (!Currency.safeParse(currency).success) {
    throw new RequestError(422, `${clip(currencyCode, 20)} is no currency of ISO 4217`);
  }
  const minor = inMinor(amount, currency);
  if (!Number.isSafeInteger(minor)) {
    throw new RequestError(422, `${amount} is no whole amount in ${currency}`);
  }
  return { amount: minor === 0 ? 0 : minor, currency };
}

/** A line's amount in minor units, rounded: it is only shown, and never costs an invoice its sums. */
export function lineFromStripe(amount: number, currencyCode: string): number {
  const minor = inMinor(Math.abs(amount), currencyCode.toUpperCase());
  const rounded = Math.round(minor) * Math.sign(amount);
  return rounded === 0 ? 0 : rounded;
}

function inMinor(amount: number, currency: string): number {
  const units = unitsPerMinor.get(currency) ?? 1;
  return units < 1 ? amount * Math.round(1 / units) : amount / units;
}

/**
 * A unit price, which Stripe gives as a decimal of its units ("238000", "0.5"), as a decimal of the
 * currency to show. Undefined when it is no plain decimal.
 */
export function unitPrice(
  text: string | null | undefined,
  currencyCode: string,
): string | undefined {
  const [, sign = "", whole, fraction = ""] = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(text ?? "") ?? [];
  if (whole === undefined) return undefined;
  const currency = currencyCode.toUpperCase();
  const places = placesOf(currency);
  const units = unitsPerMinor.get(currency) ?? 1;
  const sent = places + Math.round(Math.log10(units));
  const digits = whole.padStart(sent + 1, "0");
  const point = digits.length - sent;
  const rest = `${digits.slice(point)}${fraction}`.replace(/0+$/, "").padEnd(places, "0");
  return `${sign}${digits.slice(0, point)}${rest === "" ? "" : `.${rest}`}`;
}

/** Digits after the point by ISO 4217. */
function placesOf(currency: string): number {
  return toDecimal({ amount: 0, currency }).slice("0.".length).length;
}
