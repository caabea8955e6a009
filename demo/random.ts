export interface Random {
  /** From 0 up to but not including 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True in `share` of all cases, 0 to 1. */
  chance(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** Each of them in turn, where none may be left out. */
  deal<Item>(items: readonly Item[]): Item;
}

/** Chance that repeats: the same seed gives the same numbers on every machine (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const dealt = new Map<readonly unknown[], number>();
  function at<Item>(items: readonly Item[], place: number): Item {
    const item = items[place];
    if (item === undefined) throw new Error("There is nothing to pick from");
    return item;
  }
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (share) => next() < share,
    pick: (items) => at(items, Math.floor(next() * items.length)),
    deal(items) {
      const turn = dealt.get(items) ?? 0;
      dealt.set(items, turn + 1);
      return at(items, turn % items.length);
    },
  };
}
