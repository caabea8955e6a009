import { fromDecimal } from "#server/domain/money.ts";
import { RequestError } from "#server/errors.ts";

/**
 * Minor units of what somebody typed, "1,250.50" or "1250.5": a point is decimal, commas group.
 * Throws 422 under `field` for anything that could be read in two ways, and for zero.
 */
export function readAmount(text: string, currency: string, field: string): number {
  const refuse = (message: string, cause?: unknown) =>
    new RequestError(422, "The amount cannot be read.", { fields: { [field]: message }, cause });
  const plain = text.trim();
  if (!/^(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/.test(plain)) throw refuse(correctForm(plain));
  const amount = decimalOf(plain, currency, refuse);
  if (amount <= 0) throw refuse("Write an amount above zero");
  return amount;
}

function decimalOf(
  text: string,
  currency: string,
  refuse: (message: string, cause: unknown) => RequestError,
): number {
  try {
    return fromDecimal(text.replaceAll(",", ""), currency).amount;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw refuse(error.message, error);
  }
}

/** "1.284,00" names the form that would be understood; other text gets an example. */
function correctForm(text: string): string {
  const [, whole = "", fraction = ""] =
    /^(\d{1,3}(?:\.\d{3})*|\d+)(?:,(\d{1,3}))?$/.exec(text) ?? [];
  if (whole === "") return "Write it like 1,284.00";
  const right = whole.replaceAll(".", ",") + (fraction === "" ? "" : `.${fraction}`);
  return `Is that ${right}? Write it like that`;
}
