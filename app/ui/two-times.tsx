import { isInCalendar } from "#domain/calendar.ts";
import { daysBetween } from "./days.ts";
import { useReader, type Reader } from "./reader.ts";
import { dayOf, timeText, When } from "./when.tsx";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** When it happened, large; when the portal learned it, small, with a gap of over a minute in words. */
export function TwoTimes({ occurredAt, recordedAt }: { occurredAt: string; recordedAt: string }) {
  const reader = useReader();
  const gap = gapText(occurredAt, recordedAt, reader);
  const sameDay = dayOf(occurredAt, reader) === dayOf(recordedAt, reader);
  const recorded = timeText(recordedAt, sameDay ? "clock_second" : "second", reader);
  return (
    <>
      <When at={occurredAt} form="second" />
      <small className={gap === "" ? undefined : "event__gap"} suppressHydrationWarning>
        {gap === "" ? `recorded ${recorded}` : `learned ${recorded}, ${gap}`}
      </small>
    </>
  );
}

/** "3 days later"; empty up to a minute, and when both fall on the one day that is known. */
export function gapText(occurredAt: string, recordedAt: string, reader: Reader) {
  if (!isInCalendar(occurredAt)) return "";
  const days = daysBetween(dayOf(occurredAt, reader), dayOf(recordedAt, reader));
  if (occurredAt.length === 10) return days > 0 ? count(days, "day") : "";
  const gap = Date.parse(recordedAt) - Date.parse(occurredAt);
  if (gap <= minute) return "";
  if (gap < hour) return count(Math.floor(gap / minute), "minute");
  return gap < day ? count(Math.floor(gap / hour), "hour") : count(days, "day");
}

function count(number: number, unit: string) {
  return `${number} ${unit}${number === 1 ? "" : "s"} later`;
}
