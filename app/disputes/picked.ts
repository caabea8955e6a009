import type { Line } from "#domain/change.ts";
import type { ReasonCode } from "#domain/dispute.ts";
import { comparedBy, pickedLine, wholeAmount } from "#domain/disputed-amount.ts";
import { typedAmount } from "#domain/typed-amount.ts";
import { reasonWords } from "#app/words/words.ts";

/** What the dispute form comes to as it stands, minor units; null while it cannot be told. */
export interface Picked {
  amount: number | null;
  /** Of the ticked lines. */
  lines: Record<string, number | null>;
  /** What the chosen reason compares, null before one is chosen. */
  compares: "quantity" | "price" | null;
}

interface Disputable {
  currency: string;
  due: number;
  total: number;
  lines: readonly Line[];
}

/** Reads the form with the arithmetic that the server uses for what is sent. */
export function pickedIn(form: FormData, invoice: Disputable, locale: string): Picked {
  const reason = reasonIn(form);
  const compares = reason === null ? null : comparedBy(reason);
  const part = form.get("part");
  if (part === "whole") return { amount: wholeAmount(invoice), lines: {}, compares };
  if (part === "lines") {
    const lines = linesIn(form, invoice.lines, { reason: reason ?? "other", locale });
    return { amount: sumOf(Object.values(lines)), lines, compares };
  }
  const read = typedAmount({ text: textOf(form, "amount"), currency: invoice.currency, locale });
  const isFit = "amount" in read && read.amount > 0 && read.amount <= Math.abs(invoice.total);
  return { amount: isFit ? read.amount : null, lines: {}, compares };
}

function linesIn(
  form: FormData,
  lines: readonly Line[],
  about: { reason: ReasonCode; locale: string },
): Record<string, number | null> {
  const ticked = new Set(form.getAll("line"));
  const picked = lines
    .filter(({ id }) => ticked.has(id))
    .map((line) => {
      const read = pickedLine(line, { ...about, text: textOf(form, `correct.${line.id}`) });
      return [line.id, "amount" in read ? read.amount : null] as const;
    });
  return Object.fromEntries(picked);
}

function sumOf(amounts: (number | null)[]): number | null {
  return amounts.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}

function reasonIn(form: FormData): ReasonCode | null {
  const chosen = textOf(form, "reason");
  return isReason(chosen) ? chosen : null;
}

function isReason(text: string): text is ReasonCode {
  return Object.hasOwn(reasonWords, text);
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
