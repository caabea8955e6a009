import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema.ts";
import { commitmentOf, genesis, hashOf } from "./append.ts";
import { eventRows } from "./read.ts";

export interface Verdict {
  ok: boolean;
  events: number;
  chains: number;
  /** The lowest sequence that is not what was written, and why. */
  firstBad: { sequence: number; reason: string } | null;
}

const batch = 2_000;

/**
 * Reads the whole ledger and finds a row that was changed, removed, inserted or reordered: sequences
 * without a gap, each commitment over salt and data, each hash over its chain's last one, the head.
 * A tail cut off together with its head shows only against a checkpoint.
 */
export async function verifyLedger(
  db: Db,
  onProgress: (events: number) => void = () => {},
): Promise<Verdict> {
  const heads = new Map<string, string>();
  let last = 0;
  const end = (firstBad: Verdict["firstBad"]): Verdict => ({
    ok: firstBad === null,
    events: last,
    chains: heads.size,
    firstBad,
  });
  for (;;) {
    const rows = await eventRows(db, { after: last, limit: batch });
    for (const row of rows) {
      const reason = faultOf(row, last, heads.get(row.chain) ?? genesis);
      if (reason !== null) return end({ sequence: last + 1, reason });
      heads.set(row.chain, row.hash);
      last = row.sequence;
    }
    onProgress(last);
    if (rows.length < batch) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const head = await db.selectFrom("ledger_head").selectAll().executeTakeFirstOrThrow();
  if (head.sequence > last) {
    return end({ sequence: last + 1, reason: `missing: the ledger's head is at ${head.sequence}` });
  }
  if (head.sequence < last) {
    const reason = `inserted: the ledger's head is at ${head.sequence}`;
    return end({ sequence: head.sequence + 1, reason });
  }
  return end(null);
}

function faultOf(row: EventRow, last: number, previous: string): string | null {
  if (row.sequence !== last + 1) return "missing: the next event in the ledger is a later one";
  if (row.salt === null || row.data === null) return "its data was taken out";
  if (commitmentOf(row.salt, row.data) !== row.commitment) return "its data was changed";
  if (hashOf(previous, row) !== row.hash) {
    return "changed, inserted or moved: its hash does not follow from its header and its chain";
  }
  return null;
}
