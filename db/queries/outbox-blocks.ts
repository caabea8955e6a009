import type { Db } from "#db/connect.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";

/** What a write-back waits for, and how many wait for it: rows of one key go one after the other. */
export interface Block {
  blockedBy: string | null;
  behind: number;
}

/** The blocks of unfinished write-backs by row id; of 1,000 unfinished rows of their keys at most. */
export async function blocksOf(db: Db, rows: OutboxRow[]): Promise<Map<string, Block>> {
  const open = rows.filter((row) => row.kind === "writeback" && row.done_at === null);
  const keys = [...new Set(open.map((row) => row.order_key))];
  if (keys.length === 0) return new Map();
  const queued = await db
    .selectFrom("outbox")
    .select(["id", "order_key"])
    .where("order_key", "in", keys)
    .where("done_at", "is", null)
    .orderBy("sequence")
    .orderBy("id")
    .limit(1_000)
    .execute();
  const blocks = new Map<string, Block>();
  for (const { id, order_key } of open) {
    const line = queued.filter((row) => row.order_key === order_key).map((row) => row.id);
    const at = line.indexOf(id);
    if (at < 0) continue;
    blocks.set(id, {
      blockedBy: at === 0 ? null : (line[0] ?? null),
      behind: line.length - at - 1,
    });
  }
  return blocks;
}
