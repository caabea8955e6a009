import { z } from "zod";
import { RequestError } from "#server/errors.ts";
import { decimalsOf, isCurrency } from "./currency.ts";
import { clip } from "./text.ts";

/** ISO 4217, upper case: what a system tells is in one of its currencies, and nothing else. */
export const Currency = z.string().refine(isCurrency, "is not an ISO 4217 code such as EUR");

/** An integer in the currency's minor unit. */
export const Minor = z.int();

export const Money = z.object({ amount: Minor, currency: Currency });
export type Money = z.infer<typeof Money>;

/**
 * Reads a plain decimal such as "1250.50" or "-80" exactly, without ever being a float.
 * Throws 422 when it is not one, has more digits than the currency, or exceeds a safe integer.
 */
export function fromDecimal(text: string, currencyCode: string): Money {
  const currency = currencyCode.toUpperCase();
  const parts = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (!parts)
    throw new RequestError(422, `"${clip(text, 40)}" is not a decimal amount like 1250.50`);
  const [, sign = "", whole = "", fraction = ""] = parts;
  const decimals = decimalsOf(currency);
  const used = fraction.replace(/0+$/, "");
  if (used.length > decimals) {
    throw new RequestError(
      422,
      `"${clip(text, 40)}" has more than ${decimals} decimals, ${currency} has not`,
    );
  }
  const amount = Number(`${sign}${whole}${used.padEnd(decimals, "0")}`);
  if (!Number.isSafeInteger(amount))
    throw new RequestError(422, `"${clip(text, 40)}" is too large an amount`);
  return { amount: amount === 0 ? 0 : amount, currency };
}

/** "1250.50" for { amount: 125050, currency: "EUR" }: the wire form, no grouping. */
export function toDecimal({ amount, currency }: Money): string {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(amount)).padStart(decimals + 1, "0");
  const sign = amount < 0 ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
