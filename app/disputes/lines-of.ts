import type { Line } from "#domain/change.ts";

/** The lines that a dispute is about, in its order, each with its number on the invoice; gone ones are not there. */
export function linesOf(
  dispute: { lines: readonly { lineId: string }[] },
  lines: readonly Line[],
): (Line & { number: number })[] {
  const numbered = new Map(lines.map((line, index) => [line.id, { ...line, number: index + 1 }]));
  return dispute.lines.flatMap(({ lineId }) => numbered.get(lineId) ?? []);
}
