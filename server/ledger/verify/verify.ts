import type { Db } from "#db/connect.ts";
import { checkpointsFrom, nodesFrom } from "#db/queries/checkpoints.ts";
import { ledgerEnds } from "#db/queries/event-scan.ts";
import { readPublicKey } from "#db/queries/signing-key.ts";
import { type Checkpoint, parseCheckpoint } from "#domain/checkpoint.ts";
import { Frontier } from "#domain/merkle.ts";
import { openNote } from "#domain/note.ts";
import { RequestError } from "#server/errors.ts";
import { HeadsTree } from "#server/ledger/chain-heads.ts";
import { blockSize, lowestLevel, rootOfEvents } from "./tree.ts";
import { hashDigits, type RangeTask, type RangeVerdict } from "./verify-range.ts";
import { mostThreads, verifyRanges } from "./verify-threads.ts";

export interface Fault {
  sequence: number;
  /** Set where only a stretch of events is known to hold the first bad one: up to this sequence. */
  through?: number;
  reason: string;
}

export interface Verdict {
  ok: boolean;
  events: number;
  chains: number;
  /** How many checkpoints agree with the ledger. */
  checkpoints: number;
  /** The lowest sequence that is not what was written, and why. */
  firstBad: Fault | null;
}

export interface Asked {
  /** Checkpoints that were kept elsewhere, each with the public key to open it by. */
  kept?: { note: string; key: string }[];
  /**
   * Every event's hash as of one of them, 64 digits each, one behind the other: the very event that was
   * rewritten is named.
   */
  hashes?: string | undefined;
  /** Verifies on further threads what is long; by this address they open the database. */
  databaseUrl?: string;
  onProgress?: (events: number) => void;
}

/**
 * Reads the whole ledger and finds a row that was changed, removed, inserted or reordered: sequences
 * without a gap, each commitment over salt and data, each hash over its chain's last one, the head.
 * A cut tail or a rewritten end shows against checkpoints, stored ones and those given. Throws for a
 * given checkpoint that its key does not open, and for hashes that it was not made of.
 */
export async function verifyLedger(db: Db, asked: Asked = {}): Promise<Verdict> {
  const { head, first, last } = await ledgerEnds(db);
  const kept = (asked.kept ?? []).map(({ note, key }) => parseCheckpoint(openNote(note, key)));
  const { hashes = "" } = asked;
  if (hashes !== "") requireHashesOf(kept, hashes);
  const stored = await storedCheckpoints(db);
  const checkpoints = [...kept, ...stored.good].sort((a, b) => a.size - b.size);
  const through = Math.max(0, Math.min(head, last));
  const parts = asked.databaseUrl === undefined ? 1 : mostThreads;
  const tasks = tasksOf(through, parts, { checkpoints, hashes });
  const verdicts = await verifyRanges(db, tasks, asked);
  const read = new ReadLedger(checkpoints, await storedBlocks(db));
  for (const verdict of verdicts) read.add(verdict);
  const faults = [
    ...(first < 1 ? [{ sequence: first, reason: "inserted: the ledger begins with 1" }] : []),
    ...read.faults,
    ...endFaults({ head, last, checkpoints }),
    ...stored.faults,
  ].sort((a, b) => a.sequence - b.sequence);
  return {
    ok: faults.length === 0,
    events: read.size,
    chains: read.heads.size,
    checkpoints: read.agreed,
    firstBad: faults[0] ?? null,
  };
}

/** Hashes prove nothing by themselves: they have to be what a checkpoint was made of. */
function requireHashesOf(kept: Checkpoint[], hashes: string): void {
  const size = hashes.length / hashDigits;
  const checkpoint = kept.find((each) => each.size === size);
  if (!checkpoint) throw new RequestError(422, `No checkpoint of event ${size} is given`);
  if (rootOfEvents(eachOf(hashes)) === checkpoint.root) return;
  throw new RequestError(422, `The checkpoint of event ${size} was made of other hashes`);
}

function* eachOf(hashes: string): Generator<string> {
  for (let at = 0; at < hashes.length; at += hashDigits) yield hashes.slice(at, at + hashDigits);
}

/** Opens what is stored; what does not open is a fault by itself. */
async function storedCheckpoints(db: Db) {
  const key = await readPublicKey(db);
  const good: Checkpoint[] = [];
  const faults: Fault[] = [];
  for (let from = 0; ;) {
    const rows = await checkpointsFrom(db, from);
    for (const { size, note } of rows) {
      try {
        const checkpoint = parseCheckpoint(openNote(note, key ?? ""));
        if (checkpoint.size !== size) throw new Error(`It is of event ${checkpoint.size}`);
        good.push(checkpoint);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        faults.push({ sequence: size, reason: `its stored checkpoint was changed. ${why}` });
      }
      from = size + 1;
    }
    if (rows.length === 0) return { good, faults };
  }
}

async function storedBlocks(db: Db): Promise<Map<number, string>> {
  const blocks = new Map<number, string>();
  for (let from = 0; ;) {
    const nodes = await nodesFrom(db, { level: lowestLevel, from, limit: 10_000 });
    for (const { place, hash } of nodes) blocks.set(place, hash);
    const last = nodes.at(-1);
    if (!last) return blocks;
    from = last.place + 1;
  }
}

/** A part has to be worth starting a thread, and looking up where each chain was before it. */
const fewest = 65_536;

function tasksOf(
  through: number,
  parts: number,
  { checkpoints, hashes }: { checkpoints: Checkpoint[]; hashes: string },
): RangeTask[] {
  const tasks: RangeTask[] = [];
  const width = Math.max(fewest, Math.ceil(through / parts / blockSize) * blockSize);
  for (let after = 0; after < through; after += width) {
    const end = Math.min(through, after + width);
    const sizes = checkpoints.map(({ size }) => size);
    const marks = sizes.filter((size) => size > after && size <= end);
    const once = hashes.slice(after * hashDigits, end * hashDigits);
    tasks.push({ after, through: end, marks, hashes: once });
  }
  return tasks;
}

/** The tree and the chains as the ranges give them, one after the other. */
class ReadLedger {
  readonly faults: Fault[] = [];
  readonly heads = new HeadsTree();
  size = 0;
  agreed = 0;
  readonly #checkpoints: Checkpoint[];
  readonly #stored: Map<number, string>;
  readonly #tree = new Frontier();
  #agreedSize = 0;

  constructor(checkpoints: Checkpoint[], stored: Map<number, string>) {
    this.#checkpoints = checkpoints;
    this.#stored = stored;
  }

  /** Goes on with the next range, unless an earlier one had a fault. */
  add({ fault, blocks, stretches }: RangeVerdict): void {
    if (this.faults.length > 0) return;
    const left = [...blocks];
    for (const stretch of stretches) {
      while (this.#tree.size + blockSize <= stretch.size) this.#addBlock(left.shift() ?? "");
      for (const [chain, hash, sequence] of stretch.heads)
        this.heads.set(chain, { hash, sequence });
      this.size = stretch.size;
      this.#compare(this.#tree.root(stretch.partial ?? undefined));
    }
    if (fault) this.#blame(fault);
  }

  #addBlock(root: string): void {
    const place = this.#tree.size / blockSize;
    const stored = this.#stored.get(place);
    this.#tree.append(root, lowestLevel);
    if (stored === undefined || stored === root) return;
    const reason = "the stored tree says otherwise than its events, so one of both was rewritten";
    this.#blame({ sequence: place * blockSize + 1, through: this.#tree.size, reason });
  }

  #compare(root: string): void {
    for (const checkpoint of this.#checkpoints) {
      if (checkpoint.size !== this.size) continue;
      const same = checkpoint.root === root && checkpoint.heads.root === this.heads.root();
      if (!same) {
        const reason = `rewritten: not the ledger that the checkpoint of event ${this.size} was made of`;
        return this.#blame({ sequence: this.#agreedSize + 1, through: this.size, reason });
      }
      this.agreed += 1;
      this.#agreedSize = this.size;
    }
  }

  #blame(fault: Fault): void {
    this.faults.push(fault);
  }
}

function endFaults({
  head,
  last,
  checkpoints,
}: {
  head: number;
  last: number;
  checkpoints: Checkpoint[];
}): Fault[] {
  const largest = checkpoints.at(-1)?.size ?? 0;
  if (head > last) {
    return [{ sequence: last + 1, reason: `missing: the ledger's head is at ${head}` }];
  }
  if (head < last) {
    return [{ sequence: head + 1, reason: `inserted: the ledger's head is at ${head}` }];
  }
  if (largest <= last) return [];
  return [{ sequence: last + 1, reason: `missing: a checkpoint was made of event ${largest}` }];
}
