import { z } from "zod";
import { UpstreamError } from "#server/errors.ts";
import { DecimalText } from "#server/connectors/kit/json.ts";
import { roundedAmount } from "#server/connectors/kit/rounded-amount.ts";
import type { OdooApi } from "./api.ts";
import { Link } from "./objects.ts";

/** A part of an amount as a fraction. */
export interface Share {
  part: bigint;
  of: bigint;
}

export const whole: Share = { part: 1n, of: 1n };

const EntryLines = z.array(
  z.object({
    move_id: Link.transform(({ id }) => id),
    account_type: z.union([z.literal(false), z.string()]),
    debit: DecimalText,
    credit: DecimalText,
  }),
);

/**
 * Which part of what each entry settled is money: "mark as fully paid" books the difference to an expense
 * or income account in the payment's own entry, which Odoo matches with the invoice as a whole. An entry
 * without a write-off is left out, and so is every entry where the user may not read the accounts' types.
 */
export async function moneyShares(entries: number[], api: OdooApi): Promise<Map<string, Share>> {
  const shares = new Map<string, Share>();
  if (entries.length === 0) return shares;
  const sums = new Map<string, { settled: bigint; writtenOff: bigint }>();
  for (const line of await linesOf(entries, api)) {
    const sum = sums.get(line.move_id) ?? { settled: 0n, writtenOff: 0n };
    const [debit, credit] = [line.debit, line.credit].map(comparable);
    if (debit === undefined || credit === undefined) continue;
    if (line.account_type === "asset_receivable") sum.settled += credit - debit;
    if (/^(expense|income)/.test(line.account_type || "")) sum.writtenOff += debit - credit;
    sums.set(line.move_id, sum);
  }
  for (const [entry, { settled, writtenOff }] of sums) {
    if (writtenOff <= 0n || writtenOff > settled) continue;
    shares.set(entry, { part: settled - writtenOff, of: settled });
  }
  return shares;
}

async function linesOf(entries: number[], api: OdooApi): Promise<z.infer<typeof EntryLines>> {
  const domain = [["move_id", "in", entries]];
  const asked = { domain, fields: ["move_id", "account_type", "debit", "credit"] };
  try {
    return await api.ask("account.move.line", "search_read", asked, EntryLines);
  } catch (error) {
    // Before Odoo 16 a line had no account type.
    if (error instanceof UpstreamError && typeof error.retryAt !== "string") return [];
    throw error;
  }
}

/** In the finest unit that a company's currency has: only the ratio of two of them is used. */
function comparable(text: string): bigint {
  return BigInt(roundedAmount(text, "CLF", "half-even").amount);
}

/** The money in an amount of minor units, rounded half up. */
export function moneyIn(amount: number, { part, of }: Share): number {
  return Number((BigInt(amount) * part * 2n + of) / (of * 2n));
}
