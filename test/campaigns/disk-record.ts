/** One thing that happened, as recorder.c wrote it down. */
export type Entry =
  | { kind: "write"; at: number; path: string; offset: number; data: Buffer }
  | { kind: "truncate"; at: number; path: string; size: number }
  /** `before`: what was written down later was not synced by it. */
  | { kind: "sync"; at: number; path: string; before: number }
  | { kind: "create" | "unlink"; at: number; path: string }
  | { kind: "rename"; at: number; path: string; to: string }
  /** A success that was answered to whoever has this port. */
  | { kind: "answer"; at: number; port: number };

const headBytes = 24;

/** Reads a whole record; `at` is an entry's place in it. What a kill cut off at its end is left out. */
export function readRecord(record: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + headBytes <= record.length;) {
    const kind = String.fromCharCode(record.readUInt32LE(at));
    const nameLength = record.readUInt32LE(at + 4);
    const dataLength = Number(record.readBigUInt64LE(at + 8));
    const number = Number(record.readBigUInt64LE(at + 16));
    const nameAt = at + headBytes;
    const dataAt = nameAt + nameLength;
    const end = dataAt + dataLength;
    if (end > record.length) break;
    const path = record.toString("utf8", nameAt, dataAt);
    entries.push(entryOf({ kind, at, path, number, data: record.subarray(dataAt, end) }));
    at = end;
  }
  return entries;
}

interface Raw {
  kind: string;
  at: number;
  path: string;
  number: number;
  data: Buffer;
}

function entryOf({ kind, at, path, number, data }: Raw): Entry {
  if (kind === "W") return { kind: "write", at, path, offset: number, data };
  if (kind === "T") return { kind: "truncate", at, path, size: number };
  if (kind === "S") return { kind: "sync", at, path, before: number };
  if (kind === "C") return { kind: "create", at, path };
  if (kind === "U") return { kind: "unlink", at, path };
  if (kind === "R") return { kind: "rename", at, path, to: data.toString() };
  if (kind === "A") return { kind: "answer", at, port: number };
  throw new Error(`The record has an entry of kind ${kind}`);
}
