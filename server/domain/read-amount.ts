import { RequestError } from "#server/errors.ts";
import { decimalsOf } from "./currency.ts";
import { fromDecimal } from "./money.ts";

interface Typed {
  text: string;
  currency: string;
  /** Decides only where the text itself leaves it open, such as 1,234. */
  locale: string;
}

/**
 * Reads an amount as people type it ("1.234,50", "1,234.50", "598,22") into minor units.
 * Throws 422 with the message under `field` when it can't be read without guessing.
 */
export function readAmount(typed: Typed, field: string): number {
  const decimal = plainDecimal(typed);
  const example = exampleOf(typed.currency);
  const message = `Write the amount like ${example}, in ${typed.currency}`;
  if (decimal === null) throw new RequestError(422, message, { fields: { [field]: message } });
  try {
    return fromDecimal(decimal, typed.currency).amount;
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    throw new RequestError(422, message, { fields: { [field]: message }, cause });
  }
}

function exampleOf(currency: string): string {
  const decimals = decimalsOf(currency);
  return decimals === 0 ? "1250" : `1250.${"50".padEnd(decimals, "0")}`;
}

/** Digits with a point, or null when the text has another shape. */
function plainDecimal({ text, locale }: Typed): string | null {
  const compact = text.trim().replaceAll(/[\s\u00a0\u202f'’]/g, "");
  const parts = /^([+−-]?)([\d.,]*\d)$/.exec(compact);
  if (!parts) return null;
  const [, sign = "", digits = ""] = parts;
  const point = pointOf(digits, locale);
  const [whole = "", fraction = "", ...more] = point === null ? [digits] : digits.split(point);
  if (more.length > 0) return null;
  const ungrouped = withoutGroups(whole);
  if (ungrouped === null || /\D/.test(fraction)) return null;
  return `${sign === "-" || sign === "−" ? "-" : ""}${ungrouped}${fraction && `.${fraction}`}`;
}

/** Which sign is the decimal point here: the later of two kinds, else the locale decides at 3 digits. */
function pointOf(digits: string, locale: string): "." | "," | null {
  const dots = digits.split(".").length - 1;
  const commas = digits.split(",").length - 1;
  if (dots > 0 && commas > 0) return digits.lastIndexOf(".") > digits.lastIndexOf(",") ? "." : ",";
  if (dots + commas !== 1) return null;
  const used = dots === 1 ? "." : ",";
  const behind = digits.length - digits.indexOf(used) - 1;
  if (behind !== 3) return used;
  const local = new Intl.NumberFormat(locale).formatToParts(0.5);
  return local.find(({ type }) => type === "decimal")?.value === used ? used : null;
}

function withoutGroups(whole: string): string | null {
  if (/^\d+$/.test(whole)) return whole;
  const grouped = /^\d{1,3}([.,])\d{3}(?:\1\d{3})*$/.test(whole);
  return grouped ? whole.replaceAll(/[.,]/g, "") : null;
}
