import { isInCalendar } from "#domain/calendar.ts";

/** Whole days from one bare date to another; negative when the second is earlier; NaN when one does not exist. */
export function daysBetween(from: string, to: string): number {
  if (!isInCalendar(from) || !isInCalendar(to)) return Number.NaN;
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** "1 day", "12 days". */
export function dayCount(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}
