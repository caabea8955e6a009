import type { AgeingBucket } from "#domain/invoice.ts";
import type { InvoiceStatus } from "#domain/invoice-sums.ts";
import { type CalendarDate, plusDays } from "#domain/time.ts";
import { type InvoiceFilter, openStatuses } from "./invoices.ts";

/** What both filters let through. */
export function bothOf(one: InvoiceFilter, other: InvoiceFilter): InvoiceFilter {
  const later = (name: "issuedFrom" | "dueFrom" | "notDueBefore") =>
    [one[name], other[name]].filter(isDay).sort().at(-1);
  const earlier = (name: "issuedTo" | "dueTo") => [one[name], other[name]].filter(isDay).sort()[0];
  const { statuses } = one;
  return {
    search: other.search ?? one.search,
    statuses: statuses ? (other.statuses?.filter(isOneOf(statuses)) ?? statuses) : other.statuses,
    disputed: other.disputed ?? one.disputed,
    currency: other.currency ?? one.currency,
    issuedFrom: later("issuedFrom"),
    issuedTo: earlier("issuedTo"),
    dueFrom: later("dueFrom"),
    dueTo: earlier("dueTo"),
    notDueBefore: later("notDueBefore"),
  };
}

function isDay(day: CalendarDate | undefined): day is CalendarDate {
  return day !== undefined;
}

function isOneOf(statuses: readonly InvoiceStatus[]) {
  return (status: InvoiceStatus) => statuses.includes(status);
}

/** The saved views and what each lets through on a day of the supplier's zone. */
export function savedViews(today: CalendarDate) {
  return {
    all: {},
    overdue: { statuses: ["overdue"] },
    disputed: { disputed: true },
    week: { statuses: ["open", "partially_paid"], dueFrom: today, dueTo: plusDays(today, 6) },
  } satisfies Record<string, InvoiceFilter>;
}
export type View = keyof ReturnType<typeof savedViews>;

/** What is still due and so late on a day, as `ageingOf` counts it. */
export function lateFilter(bucket: AgeingBucket, today: CalendarDate): InvoiceFilter {
  const late = (days: number) => plusDays(today, -days);
  const days = {
    not_due: { notDueBefore: today },
    "1_30": { dueFrom: late(30), dueTo: late(1) },
    "31_60": { dueFrom: late(60), dueTo: late(31) },
    "61_90": { dueFrom: late(90), dueTo: late(61) },
    over_90: { dueTo: late(91) },
  } satisfies Record<AgeingBucket, InvoiceFilter>;
  return { statuses: openStatuses, ...days[bucket] };
}
