import { type Instant, plusMs } from "#domain/time.ts";

/** After so many attempts, about a day, a person has to look; a sign-in link is given up before. */
export function mostAttempts(what: string): number {
  return what === "sign_in" ? 60 : 10;
}

const firstMs = 15_000;

/** Somebody waits for a sign-in link, and a server that greylists takes it after some minutes. */
function longestMs(what: string): number {
  return what === "sign_in" ? 60_000 : 6 * 3_600_000;
}

/**
 * When to try again after the given number of attempts: 15 s, then four times as long each time, at
 * most six hours (a sign-in link: a minute), each a fifth longer or shorter so that rows do not come back all
 * at once. `random` is in 0…1.
 */
export function nextAttemptAt(
  now: Instant,
  { what, attempts }: { what: string; attempts: number },
  random: number,
): Instant {
  const pauseMs = Math.min(longestMs(what), firstMs * 4 ** (attempts - 1));
  return plusMs(now, Math.round(pauseMs * (0.8 + 0.4 * random)));
}
