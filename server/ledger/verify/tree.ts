import { setImmediate as nextTurn } from "node:timers/promises";
import { deleteNodes, findNode, insertNodes, storedNodes } from "#db/queries/checkpoints.ts";
import { eventHashes, ledgerEnds } from "#db/queries/event-scan.ts";
import type { Db } from "#db/connect.ts";
import type { MerkleNodeTable } from "#db/schema/ledger.ts";
import type { Context } from "#server/context.ts";
import { Frontier, leafHash, type Range, split } from "#domain/merkle.ts";

/** Roots of 2^8 events and more are stored; below, reading the events is as cheap. */
export const lowestLevel = 8;
export const blockSize = 2 ** lowestLevel;

/** So many blocks are read, and their roots stored, at once: a few milliseconds of the one writer. */
const blocksAtOnce = 16;

/** Stores the roots of the subtrees that are complete by now. Reads only what came since the last time. */
export async function growTree({ db, writer }: Pick<Context, "db" | "writer">): Promise<void> {
  const { head } = await ledgerEnds(db);
  const stored = await storedNodes(db, lowestLevel);
  const frontier = await storedFrontier(db, stored * blockSize);
  const blocks = Math.floor(head / blockSize);
  for (let block = stored; block < blocks; block += blocksAtOnce) {
    const end = Math.min(blocks, block + blocksAtOnce);
    const hashes = await eventHashes(db, { after: block * blockSize, through: end * blockSize });
    const nodes: MerkleNodeTable[] = [];
    for (let at = 0; at < hashes.length; at += blockSize) {
      const root = rootOfEvents(hashes.slice(at, at + blockSize));
      frontier.append(root, lowestLevel, (level, place, hash) =>
        nodes.push({ level, place, hash }),
      );
    }
    await writer.transaction().execute((trx) => insertNodes(trx, nodes));
    await nextTurn();
  }
}

/** Makes the stored roots anew from the events. */
export async function regrowTree(context: Pick<Context, "db" | "writer">): Promise<void> {
  await context.writer.transaction().execute((trx) => deleteNodes(trx));
  await growTree(context);
}

/** The right edge of the tree over the first `size` events, by what is stored; whole blocks only. */
async function storedFrontier(db: Db, size: number): Promise<Frontier> {
  const frontier = new Frontier();
  while (frontier.size < size) {
    const level = Math.floor(Math.log2(size - frontier.size));
    frontier.append(await storedNode(db, level, frontier.size / 2 ** level), level);
  }
  return frontier;
}

/** The root of the events behind `start` up to and with `end`, as RFC 6962 divides them. Needs a grown tree. */
export async function rootOfRange(db: Db, [start, end]: Range): Promise<string> {
  const width = end - start;
  if (width <= blockSize)
    return rootOfEvents(await eventHashes(db, { after: start, through: end }));
  const level = Math.log2(width);
  if (Number.isInteger(level)) return storedNode(db, level, start / width);
  const middle = start + split(width);
  const frontier = new Frontier();
  frontier.append(await rootOfRange(db, [start, middle]), Math.log2(middle - start));
  return frontier.root(await rootOfRange(db, [middle, end]));
}

async function storedNode(db: Db, level: number, place: number): Promise<string> {
  const node = await findNode(db, { level, place });
  if (node === undefined) {
    throw new Error(`The stored tree has no root ${place} of level ${level}: rebuild the ledger`);
  }
  return node;
}

/** The root over these events, by their hashes. */
export function rootOfEvents(hashes: Iterable<string>): string {
  const frontier = new Frontier();
  for (const hash of hashes) frontier.append(leafHash(hash));
  return frontier.root();
}
