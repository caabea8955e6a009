import { dirname } from "node:path";
import type { Random } from "#demo/random.ts";
import type { Entry } from "./disk-record.ts";

type Change = Extract<Entry, { kind: "write" | "truncate" }>;
type Naming = Extract<Entry, { kind: "create" | "unlink" | "rename" }>;

interface File {
  /** What a power cut cannot take away. */
  kept: Buffer;
  size: number;
  /** Changes since, in their order. */
  open: Change[];
}

/** What becomes of changes that no fsync covers. */
export type Loss = "dropped" | "first kept" | "some kept" | "torn";
export const losses: Loss[] = ["dropped", "first kept", "some kept", "torn"];

const sectorBytes = 512;

/**
 * A disk that forgets: a file's changes are kept from its fsync on, names in a folder from the
 * fsync of that folder on. `image` gives what a power cut at this moment may leave behind.
 */
export function createDisk(given: ReadonlyMap<string, Buffer>) {
  const files = new Map<string, File>();
  for (const [path, bytes] of given) files.set(path, fileOf(bytes));
  /** Names as they are kept, and the changes of names since. */
  const names = new Map([...files].map(([path, file]) => [path, file]));
  const naming: { change: Naming; file: File | undefined }[] = [];

  function apply(entry: Entry): void {
    if (entry.kind === "answer") return;
    if (entry.kind === "write" || entry.kind === "truncate") {
      fileAt(entry.path).open.push(entry);
    } else if (entry.kind === "sync") {
      sync(entry.path, entry.before);
    } else {
      rename(entry);
    }
  }

  function fileAt(path: string): File {
    const file = files.get(path);
    if (!file) throw new Error(`The record writes to ${path}, which it never made`);
    return file;
  }

  function sync(path: string, before: number): void {
    const file = files.get(path);
    if (!file) return keepNames(path, before);
    const covered = file.open.filter(({ at }) => at < before);
    for (const change of covered) keep(file, change);
    file.open = file.open.filter(({ at }) => at >= before);
  }

  function rename(change: Naming): void {
    const file = change.kind === "create" ? fileOf(Buffer.alloc(0)) : files.get(change.path);
    naming.push({ change, file });
    applyName(files, change, file);
  }

  function keepNames(folder: string, before: number): void {
    const isKept = ({ change }: (typeof naming)[number]) =>
      dirname(change.path) === folder && change.at < before;
    for (const { change, file } of naming.filter(isKept)) applyName(names, change, file);
    naming.splice(0, naming.length, ...naming.filter((each) => !isKept(each)));
  }

  return {
    apply,
    /** The files as they may lie there after a power cut. */
    image(random: Random, loss: Loss): Map<string, Buffer> {
      const found = new Map(names);
      const survived = loss === "dropped" ? 0 : random.between(0, naming.length);
      for (const { change, file } of naming.slice(0, survived)) applyName(found, change, file);
      return new Map([...found].map(([path, file]) => [path, survivor(file, random, loss)]));
    },
  };
}

function fileOf(bytes: Buffer): File {
  return { kept: Buffer.from(bytes), size: bytes.length, open: [] };
}

function applyName(names: Map<string, File>, change: Naming, file: File | undefined): void {
  if (change.kind === "create" && file) names.set(change.path, file);
  else names.delete(change.path);
  if (change.kind === "rename" && file) names.set(change.to, file);
}

function survivor(file: File, random: Random, loss: Loss): Buffer {
  const copy = { kept: Buffer.from(file.kept.subarray(0, file.size)), size: file.size, open: [] };
  const share = random.next();
  const first = loss === "first kept" ? random.between(0, file.open.length) : 0;
  for (const [at, change] of file.open.entries()) {
    const isKept = loss === "first kept" ? at < first : random.chance(share);
    if (loss === "dropped" || !isKept) continue;
    if (loss === "torn" && change.kind === "write") keepSectors(copy, change, random);
    else keep(copy, change);
  }
  return copy.kept.subarray(0, copy.size);
}

/** A write of which only some sectors reached the disk. */
function keepSectors(file: File, { data, ...change }: Change & { kind: "write" }, random: Random) {
  for (let start = 0; start < data.length;) {
    const end = Math.min(
      data.length,
      start + sectorBytes - ((change.offset + start) % sectorBytes),
    );
    const sector = { ...change, offset: change.offset + start, data: data.subarray(start, end) };
    if (random.chance(0.5)) keep(file, sector);
    start = end;
  }
}

function keep(file: File, change: Change): void {
  if (change.kind === "truncate") {
    if (change.size > file.size) grow(file, change.size);
    file.kept.fill(0, change.size, file.size);
    file.size = change.size;
    return;
  }
  const end = change.offset + change.data.length;
  if (end > file.size) grow(file, end);
  change.data.copy(file.kept, change.offset);
}

/** Room for so many bytes, all zero. */
function grow(file: File, size: number): void {
  if (size > file.kept.length) {
    const larger = Buffer.alloc(Math.max(size, 2 * file.kept.length, 65_536));
    file.kept.copy(larger, 0, 0, file.size);
    file.kept = larger;
  }
  file.size = size;
}
