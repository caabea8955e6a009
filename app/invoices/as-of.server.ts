import type { Db } from "#db/connect.ts";
import { customerState } from "#db/queries/live.ts";
import type { CustomerScope } from "#db/queries/scope.ts";

const mostKept = 2_000;

interface Kept<Value> {
  sequence: number;
  state: string;
  value: Promise<Value>;
}

interface Asked {
  db: Db;
  scope: CustomerScope;
  /** All that the value depends on besides the customer. */
  key: string;
  /** The ledger's, read before. */
  sequence: number;
}

/**
 * Keeps what follows for a customer from the ledger alone until something is appended about that customer.
 */
export function keptAsOf<Value>() {
  const databases = new WeakMap<Db, Map<string, Kept<Value>>>();
  return async (
    { db, scope, key: of, sequence }: Asked,
    read: () => Promise<Value>,
  ): Promise<Value> => {
    const kept = databases.get(db) ?? new Map<string, Kept<Value>>();
    databases.set(db, kept);
    const key = `${scope.customerId} ${of}`;
    const known = kept.get(key);
    if (known?.sequence === sequence) return known.value;
    const state = await customerState(db, scope);
    if (known?.state === state) {
      known.sequence = sequence;
      return known.value;
    }
    kept.delete(key);
    if (kept.size >= mostKept) kept.clear();
    const value = read();
    kept.set(key, { sequence, state, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}
