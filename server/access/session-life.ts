import type { Validity } from "#db/queries/sessions.ts";
import { dayMs } from "#domain/time.ts";

/** How long a session lasts at most, in seconds. */
export const sessionSeconds = 14 * 86_400;

/** After so long without a page being asked for it ends: a weekend, and no more. */
export const idleDays = 3;

/** Its last use is written down at most so often. */
const noteEveryMs = 300_000;

/** What a session has to be, to count at this time. */
export function sessionValidity(now: Date): Validity {
  const idleSince = new Date(now.getTime() - idleDays * dayMs).toISOString();
  return { now: now.toISOString(), idleSince };
}

/** Whether its use now is worth a write. */
export function isStale({ usedAt }: { usedAt: string }, now: Date): boolean {
  return now.getTime() - Date.parse(usedAt) > noteEveryMs;
}
