import { latestCheckpoints } from "#db/queries/checkpoints.ts";
import type { Context } from "#server/context.ts";
import { type Instant, toInstant } from "#domain/time.ts";
import { makeCheckpoint } from "./make-checkpoint.ts";

type Waking = Context & { wakeOutbox(): void };

/** A proof that is downloaded makes a checkpoint at most once in this time, for all readers together. */
const pauseMs = 60_000;

/** How far a proof that is downloaded now would reach. */
export interface Reach {
  /** Events up to this one are in it; null for all. */
  through: number | null;
  /** From then on the newer ones can be in it, too; null where none is missing. */
  laterFrom: Instant | null;
}

/** What a proof of events up to `newest` would hold now: pages say it before the download. */
export async function proofReach(
  { db, clock }: Pick<Context, "db" | "clock">,
  newest: number,
): Promise<Reach> {
  const [last] = await latestCheckpoints(db, 1);
  if (!last || last.size >= newest) return { through: null, laterFrom: null };
  const from = new Date(Date.parse(last.created_at) + pauseMs);
  if (from <= clock()) return { through: null, laterFrom: null };
  return { through: last.size, laterFrom: toInstant(from) };
}

const running = new WeakMap<Context["db"], Promise<unknown>>();

/**
 * Makes a checkpoint that reaches to `newest` unless there is one, or the last is younger than a minute.
 * It is stored and not mailed: the daily one is. Throws RequestError as `makeCheckpoint`.
 */
export async function reachForProof(context: Waking, newest: number): Promise<void> {
  const [last] = await latestCheckpoints(context.db, 1);
  const isReached = last !== undefined && last.size >= newest;
  if (isReached || (await proofReach(context, newest)).through !== null) return;
  const made = running.get(context.db) ?? makeCheckpoint(context, null, "on demand");
  running.set(context.db, made);
  try {
    await made;
  } finally {
    running.delete(context.db);
  }
}
