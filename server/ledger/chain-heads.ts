import { setImmediate as nextTurn } from "node:timers/promises";
import type { Db } from "#db/connect.ts";
import { chainAfter, headOfChain } from "#db/queries/event-scan.ts";
import { canonicalJson } from "#domain/canonical-json.ts";
import { Frontier, inclusionRanges, type Range, textLeafHash } from "#domain/merkle.ts";

/** The last event of a chain. */
export interface ChainHead {
  hash: string;
  sequence: number;
}

const chainsAtOnce = 200;

/** The last event of every chain among the first `size` events. */
export async function chainHeads(db: Db, size: number): Promise<Map<string, ChainHead>> {
  const heads = new Map<string, ChainHead>();
  let asked = 0;
  for (
    let chain = await chainAfter(db, "");
    chain !== undefined;
    chain = await chainAfter(db, chain)
  ) {
    const head = await headOfChain(db, chain, size);
    if (head) heads.set(chain, head);
    asked += 1;
    if (asked % chainsAtOnce === 0) await nextTurn();
  }
  return heads;
}

/**
 * Commits to every chain's end: the root of an RFC 6962 tree whose leaves are the canonical JSON of
 * { chain, hash, sequence }, sorted by chain.
 */
export class HeadsTree {
  #chains: string[] = [];
  readonly #heads = new Map<string, { text: ChainHead; leaf: string }>();

  /** Moves a chain's end. */
  set(chain: string, head: ChainHead): void {
    if (!this.#heads.has(chain)) this.#chains.push(chain);
    this.#heads.set(chain, { text: head, leaf: "" });
  }

  get size(): number {
    return this.#chains.length;
  }

  root(): string {
    const frontier = new Frontier();
    for (const leaf of this.#leaves()) frontier.append(leaf);
    return frontier.root();
  }

  /** Where a chain stands in the tree, and the path from there to its root. */
  proof(chain: string): { place: number; path: string[] } {
    const leaves = this.#leaves();
    const place = this.#chains.indexOf(chain);
    if (place < 0) throw new Error(`There is no chain ${chain} yet`);
    const rootOf = ([start, end]: Range) => {
      const frontier = new Frontier();
      for (const leaf of leaves.slice(start, end)) frontier.append(leaf);
      return frontier.root();
    };
    return { place, path: inclusionRanges(place, leaves.length).map(rootOf) };
  }

  #leaves(): string[] {
    this.#chains = this.#chains.sort();
    return this.#chains.map((chain) => {
      const head = this.#heads.get(chain);
      if (!head) throw new Error(`The chain ${chain} has no end`);
      // Most chains did not move since the last checkpoint.
      if (head.leaf === "") head.leaf = textLeafHash(canonicalJson({ chain, ...head.text }));
      return head.leaf;
    });
  }
}

/** The tree over these ends. */
export function headsTree(heads: Map<string, ChainHead>): HeadsTree {
  const tree = new HeadsTree();
  for (const [chain, head] of heads) tree.set(chain, head);
  return tree;
}
