import { fromDecimal, type Money } from "#domain/money.ts";
import { RequestError } from "#server/errors.ts";

interface Given {
  /** Name of the field in the body, for the refusal. */
  name: string;
  /** Major units. */
  decimal: string | null | undefined;
  /** Minor units. */
  minor: number | null | undefined;
  currency: string;
  /** A balance may be below nothing: the customer paid too much. */
  mayBeNegative?: true;
}

/**
 * The amount told as a decimal in major units or as an integer in minor units; undefined when
 * neither. Throws 422 when both are there and differ, for digits the currency does not have, and for
 * an amount below nothing: which way money went is said by the type of the message.
 */
export function moneyIn(given: Given): Money | undefined {
  const { name, decimal, minor, currency, mayBeNegative } = given;
  const read = typeof decimal === "string" ? readDecimal(name, decimal, currency) : undefined;
  if (read && typeof minor === "number" && read.amount !== minor) {
    throw refused(name, `${decimal} and ${minor} minor units are not the same amount`);
  }
  const amount = minor ?? read?.amount;
  if (amount === undefined) return undefined;
  if (amount < 0 && !mayBeNegative) throw refused(name, "is negative");
  return { amount, currency };
}

/** As `moneyIn`, of what cannot be below 0: a payment, a refund, a credit, a dispute. Throws 422 when it is. */
export function amountIn(given: Given): Money | undefined {
  const money = moneyIn(given);
  if (money && money.amount < 0) throw refused(given.name, "is negative");
  return money;
}

/** As `amountIn`, where the amount must have been told. Throws 422 when it was not. */
export function requireMoney(given: Given): Money {
  const money = amountIn(given);
  if (!money) throw refused(given.name, "is missing");
  return money;
}

function readDecimal(name: string, text: string, currency: string): Money {
  try {
    return fromDecimal(text, currency);
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    throw refused(name, cause.message, cause);
  }
}

function refused(name: string, message: string, cause?: unknown): RequestError {
  return new RequestError(422, `${name}: ${message}`, { fields: { [name]: message }, cause });
}
