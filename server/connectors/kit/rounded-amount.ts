import { decimalsOf } from "#domain/currency.ts";
import type { Money } from "#domain/money.ts";
import { clip } from "#domain/text.ts";
import { RequestError } from "#server/errors.ts";

const parts = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:e([+-]?\d{1,2}))?$/i;

export type Rounding = "half-even" | "half-up";

/**
 * A decimal in minor units of the currency, rounded: for systems that calculate in more decimals than
 * the currency has, and for floats ("362.07000000000005", "1e-05"). `half-up` rounds a half away from
 * zero. Throws 422 when it is no decimal or too large.
 */
export function roundedAmount(text: string, currency: string, rounding: Rounding): Money {
  const [, sign = "", whole, fraction = "", exponent = "0"] = parts.exec(text.trim()) ?? [];
  if (whole === undefined) {
    throw new RequestError(422, `"${clip(text, 40)}" is not a decimal amount`);
  }
  const shift = decimalsOf(currency) + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const minor =
    shift >= 0 ? digits * 10n ** BigInt(shift) : rounded(digits, 10n ** BigInt(-shift), rounding);
  const amount = Number(sign === "-" ? -minor : minor);
  if (!Number.isSafeInteger(amount)) {
    throw new RequestError(422, `"${clip(text, 40)}" is too large an amount`);
  }
  return { amount: amount === 0 ? 0 : amount, currency };
}

function rounded(digits: bigint, unit: bigint, rounding: Rounding): bigint {
  const [whole, rest] = [digits / unit, digits % unit];
  if (2n * rest === unit) return rounding === "half-up" ? whole + 1n : whole + (whole % 2n);
  return 2n * rest > unit ? whole + 1n : whole;
}

/**
 * A line's amount in minor units, rounded; undefined when it is none. A line is only shown, so what it
 * says never costs an invoice its sums.
 */
export function lineAmount(text: string | null | undefined, currency: string): number | undefined {
  if (text === null || text === undefined) return undefined;
  try {
    return roundedAmount(text, currency, "half-up").amount;
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}
