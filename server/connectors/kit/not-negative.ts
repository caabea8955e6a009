import type { Money } from "#domain/money.ts";
import { RequestError } from "#server/errors.ts";

/** The amount of a payment or credit. Throws 422 when it is negative: its kind says which way it went. */
export function notNegative(name: string, money: Money): Money {
  if (money.amount >= 0) return money;
  throw new RequestError(422, `${name}: its amount is negative`);
}
