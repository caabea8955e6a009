import type { Line } from "#server/domain/change.ts";

/**
 * What is in dispute of one line, minor units with its tax: the part above the price (or quantity)
 * that the customer thinks correct, in proportion; the whole line when that cannot be told.
 */
export function disputedOf(
  line: Line,
  invoiced: string | undefined,
  correct: string | undefined,
): number {
  const whole = Math.abs(line.total ?? (line.net ?? 0) + (line.tax ?? 0));
  const was = scaled(invoiced);
  const should = scaled(correct);
  if (was === null || should === null || was === 0n || should >= was) return whole;
  return Number(halfUp(BigInt(whole) * (was - should), was));
}

/** Whether the correct value is below the invoiced one, so that there is a difference to dispute. */
export function isLess(correct: string, invoiced: string): boolean {
  const [a, b] = [scaled(correct), scaled(invoiced)];
  return a !== null && b !== null && a < b;
}

/** A decimal comma as a point; three digits behind it may as well be a group, so that stays. */
export function withPoint(text: string): string {
  return text.trim().replace(/^(\d+),(\d{1,2}|\d{4,9})$/, "$1.$2");
}

/** A plain decimal as an integer of 10^-9; null for other text. */
function scaled(text: string | undefined): bigint | null {
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text?.trim() ?? "") ?? [];
  return whole === undefined ? null : BigInt(whole + fraction.padEnd(9, "0"));
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
