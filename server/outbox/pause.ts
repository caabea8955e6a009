import { type Instant, plusMs } from "#server/domain/time.ts";

/** After so many attempts, about a day, a person has to look. */
export const mostAttempts = 10;

const firstMs = 15_000;
const longestMs = 6 * 3_600_000;

/**
 * When to try again after the given number of attempts: 15 s, then four times as long each time, at
 * most six hours, each a fifth longer or shorter so that rows do not come back all at once. `random`
 * is in 0…1.
 */
export function nextAttemptAt(now: Instant, attempts: number, random: number): Instant {
  const pauseMs = Math.min(longestMs, firstMs * 4 ** (attempts - 1));
  return plusMs(now, Math.round(pauseMs * (0.8 + 0.4 * random)));
}
