import { type CalendarDate, plusDays } from "./time.ts";

/** How far ahead a payment can be promised: a year, for the longest plans of instalments. */
const mostDaysAhead = 366;

/** The last day that can be promised on the day `today`. */
export function lastPromiseDay(today: CalendarDate): CalendarDate {
  return plusDays(today, mostDaysAhead);
}
