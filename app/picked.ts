import type { Line } from "#server/domain/change.ts";
import { wholeAmount } from "#server/domain/dispute.ts";
import { disputedOf, withPoint } from "#server/portal/disputed-amount.ts";

/** What the dispute form comes to as it stands, minor units; `amount` null while it cannot be told. */
export interface Picked {
  amount: number | null;
  lines: Record<string, number>;
  /** Whether quantities are compared instead of prices. */
  byQuantity: boolean;
}

/** Reads the form with the arithmetic that the server uses for what is sent. */
export function pickedIn(
  form: FormData,
  invoice: { due: number; total: number; lines: readonly Line[] },
): Picked {
  const byQuantity = form.get("reason") === "quantity_incorrect";
  const part = form.get("part");
  if (part === "whole") return { amount: wholeAmount(invoice), lines: {}, byQuantity };
  if (part !== "lines") return { amount: null, lines: {}, byQuantity };
  const ticked = new Set(form.getAll("line"));
  const lines: Record<string, number> = {};
  for (const line of invoice.lines.filter(({ id }) => ticked.has(id))) {
    const typed = form.get(`correct.${line.id}`);
    const correct = typeof typed === "string" ? withPoint(typed) : undefined;
    lines[line.id] = disputedOf(line, byQuantity ? line.quantity : line.unitPrice, correct);
  }
  const amount = Object.values(lines).reduce((sum, one) => sum + one, 0);
  return { amount, lines, byQuantity };
}
