import type { Line } from "#server/domain/change.ts";

/**
 * What stands between the lines and the total of an invoice, minor units: the net, the tax with its
 * rate where all lines share one, and the rest that no line tells. Nothing where the net is not known.
 */
export function lineSums(
  lines: readonly Line[],
  total: number,
): readonly { label: string; amount: number }[] {
  if (lines.length === 0 || lines.some(({ net }) => net === undefined)) return [];
  const net = lines.reduce((sum, line) => sum + (line.net ?? 0), 0);
  if (net === total) return [];
  const told = lines.reduce((sum, line) => sum + (line.tax ?? 0), 0);
  const rate = commonRate(lines);
  const byRate = rate === null ? null : Math.round((net * Number(rate)) / 100);
  // Each line may be rounded for itself.
  const isAllTax = byRate !== null && Math.abs(byRate - (total - net)) <= lines.length;
  const sums = [{ label: "Net", amount: net }];
  if (told === 0 && !isAllTax) return [...sums, { label: "VAT and other", amount: total - net }];
  const tax = isAllTax ? total - net : told;
  sums.push({ label: rate === null ? "VAT" : `VAT ${rate} %`, amount: tax });
  if (net + tax !== total) sums.push({ label: "Other", amount: total - net - tax });
  return sums;
}

/** "21" where every line has 21, 21.0 or 21.00 percent; null else. */
function commonRate(lines: readonly Line[]): string | null {
  const rates = new Set(lines.map(({ taxRate }) => (taxRate ? Number(taxRate) : Number.NaN)));
  const [rate = Number.NaN] = rates;
  return rates.size === 1 && Number.isFinite(rate) ? String(rate) : null;
}
