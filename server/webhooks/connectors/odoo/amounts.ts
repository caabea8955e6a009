import { decimalsOf } from "#server/domain/currency.ts";
import type { Money } from "#server/domain/money.ts";
import { RequestError } from "#server/errors.ts";

const parts = /^(-?)(\d{1,20})(?:\.(\d{1,20}))?(?:e([+-]?\d{1,2}))?$/i;

/**
 * Reads a decimal that Python wrote from a float ("1150.0", "362.07000000000005", "1e-05") in minor
 * units of the currency, rounded half to even. Throws 422 when it is none or too large.
 */
export function fromFloat(text: string, currency: string): Money {
  const [, sign = "", whole, fraction = "", exponent = "0"] = parts.exec(text.trim()) ?? [];
  if (whole === undefined) {
    throw new RequestError(422, `"${text.slice(0, 40)}" is not a decimal amount`);
  }
  const shift = decimalsOf(currency) + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const minor =
    shift >= 0 ? digits * 10n ** BigInt(shift) : halfEven(digits, 10n ** BigInt(-shift));
  const amount = Number(sign === "-" ? -minor : minor);
  if (!Number.isSafeInteger(amount)) {
    throw new RequestError(422, `"${text}" is too large an amount`);
  }
  return { amount, currency };
}

function halfEven(digits: bigint, unit: bigint): bigint {
  const [rounded, rest] = [digits / unit, digits % unit];
  if (2n * rest === unit) return rounded + (rounded % 2n);
  return 2n * rest > unit ? rounded + 1n : rounded;
}
