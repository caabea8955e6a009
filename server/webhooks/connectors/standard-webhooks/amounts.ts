import { fromDecimal, type Money } from "#server/domain/money.ts";
import { RequestError } from "#server/errors.ts";

interface Given {
  /** Name of the field in the body, for the refusal. */
  name: string;
  /** Major units. */
  decimal: string | null | undefined;
  /** Minor units. */
  minor: number | null | undefined;
  currency: string;
}

/**
 * The amount told as a decimal in major units or as an integer in minor units; undefined when
 * neither. Throws 422 when both are there and differ, and for digits the currency does not have.
 */
export function moneyIn({ name, decimal, minor, currency }: Given): Money | undefined {
  const code = currency.toUpperCase();
  const read = typeof decimal === "string" ? readDecimal(name, decimal, code) : undefined;
  if (typeof minor !== "number") return read;
  if (read && read.amount !== minor) {
    throw refused(name, `${decimal} and ${minor} minor units are not the same amount`);
  }
  return { amount: minor, currency: code };
}

/** As `moneyIn`, where the amount must have been told. Throws 422 when it was not. */
export function requireMoney(given: Given): Money {
  const money = moneyIn(given);
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
