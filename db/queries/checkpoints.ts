import type { Selectable } from "kysely";
import type { Db } from "#db/connect.ts";
import type { CheckpointTable, MerkleNodeTable } from "#db/schema/ledger.ts";

/** Stored checkpoints of at least `from` events, the smallest first. */
export function checkpointsFrom(db: Db, from: number, limit = 10_000) {
  const rows = db.selectFrom("checkpoints").selectAll().where("size", ">=", from);
  return rows.orderBy("size").limit(limit).execute();
}

/** The newest checkpoints, the newest first. */
export function latestCheckpoints(db: Db, limit: number) {
  return db.selectFrom("checkpoints").selectAll().orderBy("size", "desc").limit(limit).execute();
}

/** The newest that was not made for a proof alone; undefined where there is none. */
export function latestKeptCheckpoint(db: Db) {
  const kept = db.selectFrom("checkpoints").selectAll().where("on_demand_at", "is", null);
  return kept.orderBy("size", "desc").limit(1).executeTakeFirst();
}

export function findCheckpoint(db: Db, size: number) {
  return db.selectFrom("checkpoints").selectAll().where("size", "=", size).executeTakeFirst();
}

/** Stores a checkpoint unless there is one of that size. False when there was. */
export async function insertCheckpoint(
  trx: Db,
  checkpoint: Selectable<CheckpointTable>,
): Promise<boolean> {
  const written = await trx
    .insertInto("checkpoints")
    .values(checkpoint)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(written.numInsertedOrUpdatedRows ?? 0) > 0;
}

/** The stored root of a complete subtree of 2^level leaves; undefined when it was not stored. */
export async function findNode(
  db: Db,
  { level, place }: { level: number; place: number },
): Promise<string | undefined> {
  const node = db.selectFrom("merkle_nodes").select("hash").where("level", "=", level);
  return (await node.where("place", "=", place).executeTakeFirst())?.hash;
}

/** How many subtrees of a level are stored: they are stored in their order. */
export async function storedNodes(db: Db, level: number): Promise<number> {
  const last = await db
    .selectFrom("merkle_nodes")
    .select((row) => row.fn.max("place").as("place"))
    .where("level", "=", level)
    .executeTakeFirst();
  return last?.place === undefined || last.place === null ? 0 : last.place + 1;
}

/** Stores roots of subtrees; what is there already is the same. */
export async function insertNodes(trx: Db, nodes: MerkleNodeTable[]): Promise<void> {
  if (nodes.length === 0) return;
  await trx
    .insertInto("merkle_nodes")
    .values(nodes)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Forgets all of them, to make them anew. */
export async function deleteNodes(trx: Db): Promise<void> {
  await trx.deleteFrom("merkle_nodes").execute();
}

/** Stored roots of one level in their order. */
export async function nodesFrom(
  db: Db,
  { level, from, limit }: { level: number; from: number; limit: number },
): Promise<{ place: number; hash: string }[]> {
  const nodes = db.selectFrom("merkle_nodes").select(["place", "hash"]).where("level", "=", level);
  return nodes.where("place", ">=", from).orderBy("place").limit(limit).execute();
}
