import type { Line } from "./change.ts";
import type { ReasonCode } from "./dispute.ts";
import { decimalText, readDecimal, readingsOf } from "./typed-number.ts";

/** What is in dispute with the whole invoice: what is still asked for, or all of it once that is settled. */
export function wholeAmount({ due, total }: { due: number; total: number }): number {
  return due > 0 ? due : Math.abs(total);
}

/** The reasons about how much of a line came; under the others a line is disputed by its price. */
const aboutQuantity = new Set<ReasonCode>([
  "quantity_incorrect",
  "not_delivered",
  "incomplete_delivery",
  "damaged",
  "wrong_item",
]);

/** What a line's correct value is compared with under this reason. */
export function comparedBy(reason: ReasonCode): "quantity" | "price" {
  return aboutQuantity.has(reason) ? "quantity" : "price";
}

/** The invoiced quantity or price of a line, whichever the reason is about. */
export function invoicedOf(line: Line, reason: ReasonCode): string | undefined {
  return comparedBy(reason) === "quantity" ? line.quantity : line.unitPrice;
}

interface Typed {
  reason: ReasonCode;
  /** What the customer thinks correct, as it was typed; empty: the whole line is disputed. */
  text: string;
  locale: string;
}

/** What is in dispute of a line, minor units with its tax, or why the typed value says nothing. */
export type PickedLine = { amount: number; correctValue?: string } | { refusal: string };

/**
 * A line as the customer disputes it: the part above the quantity or price that they think correct, in
 * proportion, so that the tax follows; the whole line when they name none.
 */
export function pickedLine(line: Line, { reason, text, locale }: Typed): PickedLine {
  if (text.trim() === "") return { amount: amountOf(line) };
  const compared = comparedBy(reason);
  const invoiced = invoicedOf(line, reason);
  if (invoiced === undefined || scaled(invoiced) === null) {
    return { refusal: `This line names no ${compared} to compare with: leave this empty` };
  }
  const correctValue = readDecimal(text, { locale, fits: (value) => isLess(value, invoiced) });
  if (correctValue === null) return { refusal: questionAbout(text, { compared, locale }) };
  if (!isLess(correctValue, invoiced)) {
    return { refusal: `Write a ${compared} below the invoiced ${decimalText(invoiced, locale)}` };
  }
  return { correctValue, amount: inDispute(amountOf(line), { invoiced, correct: correctValue }) };
}

/** "Do you mean 1000 or 1?", in forms that have one reading. */
function questionAbout(
  text: string,
  { compared, locale }: { compared: string; locale: string },
): string {
  const example = decimalText(compared === "quantity" ? "16" : "2.70", locale);
  const [grouped, other] = readingsOf(text);
  if (!grouped || !other) return `Write the ${compared} that you think correct, like ${example}`;
  const shorter = other.decimal.replace(/\.?0+$/, "");
  const sure = /\.\d{3}$/.test(shorter) ? `${shorter}0` : shorter;
  return `Do you mean ${grouped.decimal} or ${decimalText(sure, locale)}? Write it like that`;
}

/** Whether the lines tell their tax, so that what is disputed of them has it. */
export function tellTax(lines: readonly Line[]): boolean {
  return lines.some(({ tax, taxRate, total }) => (total ?? tax ?? taxRate) !== undefined);
}

/** The whole of a line with its tax, minor units; the tax by its rate where only that is told. */
function amountOf({ net = 0, tax, taxRate, total }: Line): number {
  const rate = scaled(taxRate);
  const byRate = rate === null ? 0 : portion(net, { part: rate, of: 100n * one });
  return Math.abs(total ?? net + (tax ?? byRate));
}

function inDispute(whole: number, { invoiced, correct }: { invoiced: string; correct: string }) {
  const [was, should] = [scaled(invoiced), scaled(correct)];
  if (was === null || should === null || was === 0n) return whole;
  return portion(whole, { part: was - should, of: was });
}

/** Whether the correct value is below the invoiced one, so that there is a difference to dispute. */
function isLess(correct: string, invoiced: string): boolean {
  const [a, b] = [scaled(correct), scaled(invoiced)];
  return a !== null && b !== null && a < b;
}

const one = 10n ** 9n;

/** A plain decimal as an integer of 10^-9; null for other text. */
function scaled(text: string | undefined): bigint | null {
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text?.trim() ?? "") ?? [];
  return whole === undefined ? null : BigInt(whole + fraction.padEnd(9, "0"));
}

/** `amount × part ÷ of`, half away from zero. */
function portion(amount: number, { part, of }: { part: bigint; of: bigint }): number {
  const product = BigInt(Math.abs(amount)) * part;
  return Math.sign(amount) * Number((2n * product + of) / (2n * of));
}
