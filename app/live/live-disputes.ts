import type { LiveDispute, LiveMessage } from "#server/live/message.ts";

/** A row, and where it changed what its state was and the last change's number in the ledger. */
export type LiveDisputeRow<Row> = Row & {
  change: { was: LiveDispute["state"] | null; last: number } | null;
};

/** The rows with what was heard since they were loaded, in their places, and how many were opened. */
export function liveDisputes<Row extends LiveDispute>(
  rows: readonly Row[],
  heard: readonly LiveMessage[],
): { rows: LiveDisputeRow<Row>[]; added: number } {
  const latest = new Map<string, { now: LiveDispute; last: number }>();
  for (const { disputes, sequence: last } of heard) {
    for (const now of disputes) latest.set(now.id, { now, last });
  }
  const patched = rows.map((row) => {
    const heardOf = latest.get(row.id);
    if (!heardOf) return { ...row, change: null };
    const { state, updatedAt } = heardOf.now;
    const was = state === row.state ? null : row.state;
    if (was === null && updatedAt === row.updatedAt) return { ...row, change: null };
    return { ...row, state, updatedAt, change: { was, last: heardOf.last } };
  });
  return { rows: patched, added: heard.filter(({ type }) => type === "dispute.opened").length };
}

const opening = new Set(["dispute.opened", "dispute.reopened"]);
const closing = new Set(["dispute.resolved", "dispute.rejected", "dispute.withdrawn"]);

/** How many more disputes are open after what was heard than before. */
export function openedBy(heard: readonly LiveMessage[]): number {
  const count = (types: Set<string>) => heard.filter(({ type }) => types.has(type)).length;
  return count(opening) - count(closing);
}
