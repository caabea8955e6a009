import type { Line } from "#domain/change.ts";

export interface Sum {
  label: string;
  amount: number;
}

/**
 * What stands between the lines and the total of an invoice, minor units: the net, the tax by its
 * rates where lines tell them, and the rest that no line tells. Nothing where the net is not known.
 */
export function lineSums(lines: readonly Line[], total: number): readonly Sum[] {
  if (lines.length === 0 || lines.some(({ net }) => net === undefined)) return [];
  const net = sumOf(lines.map((line) => line.net));
  if (net === total) return [];
  const sums = [{ label: "Net", amount: net }];
  const rates = new Set(lines.map(rateOf));
  const taxes = [...rates]
    .sort((a, b) => (b ?? -1) - (a ?? -1))
    .map((rate) =>
      taxOf(
        lines.filter((line) => rateOf(line) === rate),
        rate,
      ),
    );
  const told = sumOf(taxes.map((tax) => tax?.amount));
  // Each line may be rounded for itself: the one rate then takes what is left.
  const isRounding = Math.abs(told - (total - net)) <= lines.length;
  const [only] = taxes;
  if (taxes.length === 1 && only && isRounding) return [...sums, { ...only, amount: total - net }];
  if (taxes.every((tax) => tax === null)) {
    return [...sums, { label: "VAT and other", amount: total - net }];
  }
  const named = taxes.filter((tax) => tax !== null && (tax.amount !== 0 || tax.label !== "VAT"));
  const rest = total - net - told;
  const shown = named.filter((tax) => tax !== null);
  return [...sums, ...shown, ...(rest === 0 ? [] : [{ label: "Other", amount: rest }])];
}

/** The tax of lines of one rate: as they tell it, else by the rate; null where neither says anything. */
function taxOf(lines: readonly Line[], rate: number | null): Sum | null {
  const label = rate === null ? "VAT" : `VAT ${rate} %`;
  if (lines.some(({ tax }) => tax !== undefined)) {
    return { label, amount: sumOf(lines.map(({ tax }) => tax)) };
  }
  if (rate === null) return null;
  return { label, amount: Math.round((sumOf(lines.map(({ net }) => net)) * rate) / 100) };
}

function sumOf(amounts: readonly (number | undefined)[]): number {
  return amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0);
}

/** 21 for "21", "21.0" and "21.00" per cent; null where the line tells none. */
function rateOf({ taxRate }: Line): number | null {
  const rate = taxRate ? Number(taxRate) : Number.NaN;
  return Number.isFinite(rate) ? rate : null;
}
