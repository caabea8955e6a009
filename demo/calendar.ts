import type { Random } from "./random.ts";

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Some moment of the working day (07:30 to 15:30 UTC) that a moment falls in, or the next Monday's. */
export function inOfficeHours(random: Random, ms: number): number {
  const midnight = ms - (ms % dayMs);
  const weekday = new Date(midnight).getUTCDay();
  const shift = weekday === 6 ? 2 : weekday === 0 ? 1 : 0;
  return midnight + shift * dayMs + 7.5 * hourMs + Math.floor(random.next() * 8 * hourMs);
}

/** YYYY-MM-DD of a moment, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** 00:05 UTC of the day after a date: when the portal looks for what became overdue. */
export function morningAfter(day: string): number {
  return Date.parse(`${day}T00:05:00.000Z`) + dayMs;
}
