import type { Db } from "#db/connect.ts";
import { headOfChain, scanEvents, type ScannedEvent } from "#db/queries/event-scan.ts";
import { Frontier, leafHash } from "#domain/merkle.ts";
import { sha256Of } from "#domain/sha256.ts";
import { genesis, header } from "#server/ledger/append.ts";
import { eventRows } from "#server/ledger/read.ts";
import { blockSize } from "./tree.ts";

/** A part of the ledger that is verified by itself, from a block's first event on. */
export interface RangeTask {
  /** Behind this sequence, up to and with that one. */
  after: number;
  through: number;
  /** Sizes of checkpoints in it: what the tree and the chains were there is told. */
  marks: number[];
  /** What the hashes of its first events were once, one behind the other; "" where nobody kept them. */
  hashes: string;
}

/** What the range adds to the tree and the chains up to a mark, or to its end. */
export interface Stretch {
  size: number;
  /** The root of the leaves behind the last whole block; null where a block ends. */
  partial: string | null;
  /** The chains that moved, with their last event. */
  heads: [chain: string, hash: string, sequence: number][];
}

export interface RangeVerdict {
  /** The lowest sequence that is not what was written, and why. */
  fault: { sequence: number; reason: string } | null;
  /** Roots of the whole blocks, in their order. */
  blocks: string[];
  stretches: Stretch[];
}

const pageSize = 256;
/** A SHA-256 in hexadecimal. */
export const hashDigits = 64;

/**
 * Reads a part of the ledger and computes everything anew: sequences without a gap, each commitment
 * over salt and data, each hash over its chain's last one. What came before it is verified elsewhere.
 */
export async function verifyRange(
  db: Db,
  { after, through, marks, hashes }: RangeTask,
  onProgress: (events: number) => void,
): Promise<RangeVerdict> {
  const range = new VerifiedRange(marks);
  for (let last = after; last < through;) {
    const pageEnd = Math.min(through, last + pageSize);
    const events = await scanEvents(db, { after: last, through: pageEnd });
    for (const event of events) {
      last += 1;
      const [sequence, chain] = [event[0], event[1]];
      if (sequence !== last) return range.verdict(last, missing);
      const end = range.endOf(chain) ?? range.begin(chain, await hashBefore(db, event));
      const fault = faultInData(event);
      if (fault !== null) return range.verdict(last, fault);
      const follows = hasPlainHeader(event, end.hash) || (await hasHeader(db, event, end.hash));
      if (!follows) return range.verdict(last, moved);
      const was = hashes.slice((last - 1 - after) * hashDigits, (last - after) * hashDigits);
      if (was !== "" && was !== event[3]) return range.verdict(last, rewritten);
      range.add(event, end);
    }
    if (last < pageEnd) return range.verdict(last + 1, missing);
    onProgress(events.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  range.endStretch(through);
  return range.verdict();
}

async function hashBefore(db: Db, event: ScannedEvent): Promise<string> {
  return (await headOfChain(db, event[1], event[0] - 1))?.hash ?? genesis;
}

const missing = "missing: the next event in the ledger is a later one";
const rewritten = "rewritten: another event stood here when the checkpoint was made";
const moved = "changed, inserted or moved: its hash does not follow from its header and its chain";

/** A chain's last event in the range; its sequence is 0 until there is one. */
interface End {
  hash: string;
  sequence: number;
}

/** Grows with each event that is as it was written. */
class VerifiedRange {
  readonly #marks: Set<number>;
  readonly #blocks: string[] = [];
  readonly #stretches: Stretch[] = [];
  readonly #ends = new Map<string, End>();
  #block = new Frontier();
  #told = 0;

  constructor(marks: number[]) {
    this.#marks = new Set(marks);
  }

  endOf(chain: string): End | undefined {
    return this.#ends.get(chain);
  }

  begin(chain: string, hash: string): End {
    const end = { hash, sequence: 0 };
    this.#ends.set(chain, end);
    return end;
  }

  /** `end` is that of the event's chain, and moves on. */
  add(event: ScannedEvent, end: End): void {
    const [sequence, eventHash] = [event[0], event[3]];
    end.hash = eventHash;
    end.sequence = sequence;
    this.#block.append(leafHash(eventHash));
    if (this.#block.size === blockSize) {
      this.#blocks.push(this.#block.root());
      this.#block = new Frontier();
    }
    if (this.#marks.has(sequence)) this.endStretch(sequence);
  }

  endStretch(size: number): void {
    const partial = this.#block.size === 0 ? null : this.#block.root();
    const heads: Stretch["heads"] = [];
    for (const [chain, { hash, sequence }] of this.#ends) {
      if (sequence > this.#told) heads.push([chain, hash, sequence]);
    }
    this.#stretches.push({ size, partial, heads });
    this.#told = size;
  }

  verdict(sequence?: number, reason = ""): RangeVerdict {
    const fault = sequence === undefined ? null : { sequence, reason };
    return { fault, blocks: this.#blocks, stretches: this.#stretches };
  }
}

function faultInData([, , commitment, , salt, data]: ScannedEvent): string | null {
  if (salt === null || data === null) return "its data was taken out";
  if (salt.length !== 32 || sha256Of(salt, data) !== commitment) return "its data was changed";
  return null;
}

/**
 * Whether the hash follows from the header as it is without escapes. A value with quotes in it gives no
 * other event's header: the names between the values stand in each header once.
 */
function hasPlainHeader([, , , hash, , , plainHeader]: ScannedEvent, previous: string): boolean {
  return plainHeader !== null && sha256Of(previous, plainHeader) === hash;
}

/** Whether it follows from the header with its escapes. */
async function hasHeader(db: Db, event: ScannedEvent, previous: string): Promise<boolean> {
  const [sequence, , , hash] = event;
  const [row] = await eventRows(db, { after: sequence - 1, limit: 1 });
  return row?.sequence === sequence && sha256Of(previous, header(row)) === hash;
}
