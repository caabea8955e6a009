import { hash } from "node:crypto";

/** Reused for every hash: allocating costs more than hashing. */
const leaf = Buffer.alloc(33, 0);
const node = Buffer.alloc(65, 1);

/** RFC 6962, 2.1: SHA-256(0x00 ‖ the 32 bytes of an event's hash), both in hex. */
export function leafHash(eventHash: string): string {
  leaf.write(eventHash, 1, "hex");
  return hash("sha256", leaf, "hex");
}

/** RFC 6962, 2.1: SHA-256(0x00 ‖ text in UTF-8), hex: a leaf that is not an event. */
export function textLeafHash(text: string): string {
  return hash("sha256", `\0${text}`, "hex");
}

/** RFC 6962, 2.1: SHA-256(0x01 ‖ left ‖ right), hex. */
export function nodeHash(left: string, right: string): string {
  node.write(left, 1, "hex");
  node.write(right, 33, "hex");
  return hash("sha256", node, "hex");
}

/** The root of a tree without leaves: SHA-256 of nothing. */
const emptyRoot = hash("sha256", "", "hex");

/** The right edge of a growing tree: the roots of the complete subtrees that it is made of. */
export class Frontier {
  size = 0;
  /** By level; what is there when the level's bit of `size` is not set is left over from before. */
  readonly #roots: string[] = [];

  /**
   * Adds the root of a complete subtree of 2^level leaves, a leaf being of level 0. `onRoot` is told
   * of each complete subtree that it ends, from below.
   */
  append(root: string, level = 0, onRoot?: (level: number, place: number, root: string) => void) {
    let at = level;
    let place = this.size / 2 ** level;
    let joined = root;
    onRoot?.(at, place, joined);
    while (place % 2 === 1) {
      joined = nodeHash(this.#roots[at] ?? "", joined);
      at += 1;
      place = (place - 1) / 2;
      onRoot?.(at, place, joined);
    }
    this.#roots[at] = joined;
    this.size += 2 ** level;
  }

  /** The root of the tree as it is; `partial` is that of further leaves which end no subtree here. */
  root(partial?: string): string {
    let joined = partial;
    for (let level = 0, rest = this.size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const left = this.#roots[level] ?? "";
      joined = joined === undefined ? left : nodeHash(left, joined);
    }
    return joined ?? emptyRoot;
  }
}

/** Leaves from `start` to before `end`. */
export type Range = readonly [start: number, end: number];

/** RFC 6962, 2.1.1: the ranges whose roots lead from a leaf to the root of the first `size` leaves. */
export function inclusionRanges(place: number, size: number): Range[] {
  const ranges: Range[] = [];
  for (let start = 0, end = size; end - start > 1;) {
    const middle = start + split(end - start);
    if (place < middle) {
      ranges.unshift([middle, end]);
      end = middle;
    } else {
      ranges.unshift([start, middle]);
      start = middle;
    }
  }
  return ranges;
}

/** RFC 6962, 2.1.2: the ranges whose roots show that the first `first` leaves of `size` are unchanged. */
export function consistencyRanges(first: number, size: number): Range[] {
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (first > start && first < end) {
    const middle = start + split(end - start);
    if (first <= middle) {
      ranges.unshift([middle, end]);
      end = middle;
    } else {
      ranges.unshift([start, middle]);
      start = middle;
    }
  }
  // The old root itself is known to whoever asks, unless it is only a part of it.
  return start === 0 ? ranges : [[start, end], ...ranges];
}

/** The largest power of two below `width`: where RFC 6962 divides so many leaves. */
export function split(width: number): number {
  let power = 1;
  while (power * 2 < width) power *= 2;
  return power;
}
