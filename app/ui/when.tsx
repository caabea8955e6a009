import { isInCalendar } from "#domain/calendar.ts";
import { dateFormat } from "./intl.ts";
import { useReader, type Reader } from "./reader.ts";

/** date "13 Nov 2026" · day "13 Nov" · minute "13 Nov 16:41" · second "13 Nov 16:41:00" · clock "16:41" · clock_second "16:41:00". */
export type TimeForm = "date" | "day" | "minute" | "second" | "clock" | "clock_second";

const clocks = {
  minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
} as const;

/**
 * An instant or a bare date as this reader sees it. A bare date stays a date in every zone. The year is
 * left out of day, minute and second while it is the present one. What does not exist is shown as it was told:
 * older versions recorded it.
 */
export function timeText(at: string, form: TimeForm, reader: Reader, zone = false) {
  if (!isInCalendar(at)) return at;
  const bare = at.length === 10;
  const parts: string[] = [];
  if (!form.startsWith("clock") || bare) parts.push(dayText(at, form, reader));
  if (!bare && form !== "date" && form !== "day") {
    const precision = form.endsWith("second") ? clocks.second : clocks.minute;
    parts.push(format(at, precision, reader));
    if (zone) parts.push(zoneName(at, reader));
  }
  return parts.join(" ");
}

/** The short name of the reader's zone at that instant, "CET"; English knows names where others say GMT+1. */
export function zoneName(at: string, { locale, timeZone }: Reader) {
  const names = [locale, "en-GB", "en-US", "en-AU"].map((language) => {
    const format = dateFormat(language, { timeZone, timeZoneName: "short" });
    const part = format.formatToParts(new Date(at)).find(({ type }) => type === "timeZoneName");
    return part?.value ?? timeZone;
  });
  return names.find((name) => !/^GMT[+-]/.test(name)) ?? names[0] ?? timeZone;
}

/** The calendar day, YYYY-MM-DD, that an instant or bare date falls on in the reader's zone. */
export function dayOf(at: string, { timeZone }: Reader) {
  if (at.length === 10 || !isInCalendar(at)) return at.slice(0, 10);
  return dateFormat("en-CA", { timeZone }).format(new Date(at));
}

function dayText(at: string, form: TimeForm, reader: Reader) {
  const thisYear = dayOf(at, reader).startsWith(reader.today.slice(0, 4));
  const year = form === "date" || !thisYear;
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  if (year) options.year = "numeric";
  return at.length === 10 ? bareDayText(at, options, reader) : format(at, options, reader);
}

/** Bare dates come again and again, in each row and each request. */
const bareDays = new Map<string, string>();
const mostBareDays = 5_000;

function bareDayText(at: string, options: Intl.DateTimeFormatOptions, reader: Reader) {
  const key = `${at}${options.year ?? ""}${reader.locale}`;
  const known = bareDays.get(key);
  if (known !== undefined) return known;
  if (bareDays.size >= mostBareDays) bareDays.clear();
  const text = format(at, options, { ...reader, timeZone: "UTC" });
  bareDays.set(key, text);
  return text;
}

function format(at: string, options: Intl.DateTimeFormatOptions, { locale, timeZone }: Reader) {
  const latin = { numberingSystem: "latn", timeZone };
  return dateFormat(locale, { ...options, ...latin }).format(new Date(at));
}

/** A point in time. `zone` adds the zone's short name; server and browser may name a month differently. */
export function When({
  at,
  form = "minute",
  zone = false,
}: {
  at: string;
  form?: TimeForm;
  zone?: boolean;
}) {
  const reader = useReader();
  return (
    <time dateTime={at} className="nowrap" suppressHydrationWarning>
      {timeText(at, form, reader, zone)}
    </time>
  );
}
