import { decimalsOf } from "#domain/currency.ts";
import { roundedAmount } from "#server/connectors/kit/rounded-amount.ts";
import type { XeroInvoice } from "./wire.ts";

type Decimal = string | null | undefined;

/**
 * The amounts of an invoice. Xero calculates two decimals in every currency, so in one without
 * decimals they are added up in hundredths and rounded last, a half away from zero.
 */
export function amountsOf({ CurrencyCode: currency }: Pick<XeroInvoice, "CurrencyCode">) {
  const isFiner = decimalsOf(currency) < 2;
  const unit = isFiner ? 10 ** (2 - decimalsOf(currency)) : 1;
  /** In hundredths where the currency has no decimals, else in minor units. */
  const exact = (decimal: Decimal): number =>
    roundedAmount(decimal ?? "0", isFiner ? "EUR" : currency, "half-up").amount;
  /** In minor units. */
  const round = (amount: number): number =>
    Math.sign(amount) * Math.floor(Math.abs(amount) / unit + 0.5) || 0;

  return {
    exact,
    round,
    isWhole: (amount: number): boolean => amount % unit === 0,
    minor: (decimal: Decimal): number => round(exact(decimal)),
    /** Rounds one after the other so that together they give the rounded sum. */
    running(): (decimal: Decimal) => number {
      let sum = 0;
      return (decimal) => {
        const before = round(sum);
        sum += exact(decimal);
        return round(sum) - before || 0;
      };
    },
  };
}
