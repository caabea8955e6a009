import { RequestError } from "#server/errors.ts";
import { typedAmount } from "./typed-amount.ts";

/**
 * Minor units of an amount as somebody typed it in their `locale`; the currency may stand beside it.
 * Throws 422 with the message under `field` when it can't be read without guessing.
 */
export function readAmount(
  typed: { text: string; currency: string; locale: string },
  field: string,
): number {
  const read = typedAmount(typed);
  if ("amount" in read) return read.amount;
  throw new RequestError(422, read.refusal, { fields: { [field]: read.refusal } });
}
