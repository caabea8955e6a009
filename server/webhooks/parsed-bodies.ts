import type { Change } from "#server/domain/change.ts";

const mostBodies = 2048;
const largestBody = 16_384;

/**
 * What was read from bodies that were just received, so that processing need not read them again.
 * Nothing depends on it: `parse` is pure, and a body that is not here is read from the database.
 */
export class ParsedBodies {
  readonly #changes = new Map<string, { body: Uint8Array; changes: Change[] }>();

  keep(connection: string, dedupeKey: string, body: Uint8Array, changes: Change[]): void {
    if (body.length > largestBody) return;
    const [oldest] = this.#changes.size < mostBodies ? [] : this.#changes.keys();
    if (oldest !== undefined) this.#changes.delete(oldest);
    this.#changes.set(keyOf(connection, dedupeKey), { body, changes });
  }

  /** Gives the changes once, and only for these very bytes: another body may come under the same key. */
  take(connection: string, dedupeKey: string, body: Uint8Array): Change[] | undefined {
    const key = keyOf(connection, dedupeKey);
    const kept = this.#changes.get(key);
    this.#changes.delete(key);
    return kept && Buffer.compare(kept.body, body) === 0 ? kept.changes : undefined;
  }
}

function keyOf(connection: string, dedupeKey: string): string {
  return `${connection}\n${dedupeKey}`;
}
