import type { Db } from "#db/connect.ts";

const mostKept = 2_000;

interface Kept<Value> {
  sequence: number;
  value: Promise<Value>;
}

/**
 * Keeps what follows from the ledger alone until something is appended to it. `key` must say all that
 * the value depends on, first of all whose it is; `sequence` is the ledger's, read before.
 */
export function keptAsOf<Value>() {
  const databases = new WeakMap<Db, Map<string, Kept<Value>>>();
  return (
    { db, key, sequence }: { db: Db; key: string; sequence: number },
    read: () => Promise<Value>,
  ): Promise<Value> => {
    const kept = databases.get(db) ?? new Map<string, Kept<Value>>();
    databases.set(db, kept);
    const known = kept.get(key);
    if (known?.sequence === sequence) return known.value;
    kept.delete(key);
    if (kept.size >= mostKept) kept.clear();
    const value = read();
    kept.set(key, { sequence, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}
