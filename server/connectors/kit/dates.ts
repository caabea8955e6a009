import { z } from "zod";
import type { Instant } from "#domain/time.ts";

const shape =
  /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d)(:\d\d)?([.,]\d{1,18})?(?:([Zz])|([+-]\d\d):?(\d\d)?)$/;

const Offset = z.iso.datetime({ offset: true });

/** Before it no invoice was written; software that has no date writes the year 1. */
const firstYear = "1900";

/**
 * A time with its zone, given as an instant; without a zone nobody knows when it was. RFC 3339 and what
 * ISO 8601 allows beside it: lower case, no seconds, `+0100` and `+01`. Refused outside 1900 to 9999.
 */
export const ZonedInstant = z.string().transform((text, context): Instant => {
  const instant = isInstant.test(text) ? validated(text) : toInstantText(text);
  if (instant !== null) return instant;
  context.addIssue({
    code: "custom",
    message: "is not a time with its zone, such as 2026-11-20T09:50:00Z",
  });
  return z.NEVER;
});

/** As `toISOString` writes it, and many senders do: it need not be read and written once more. */
const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function validated(text: string): Instant | null {
  const date = new Date(text);
  const isSame = !Number.isNaN(date.getTime()) && date.toISOString() === text;
  return isSame && text >= firstYear ? text : null;
}

function toInstantText(text: string): Instant | null {
  const [, day, minute, second = ":00", fraction = "", utc, hours, minutes = "00"] =
    shape.exec(text) ?? [];
  if (day === undefined) return null;
  const zone = utc === undefined ? `${hours}:${minutes}` : "Z";
  const whole = `${day}T${minute}${second}${fraction.replace(",", ".")}${zone}`;
  if (!Offset.safeParse(whole).success) return null;
  return instantOf(Date.parse(whole));
}

/** The instant of milliseconds since 1970; null when there is none or it is outside 1900 to 9999. */
export function instantOf(ms: number): Instant | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : validated(date.toISOString());
}

/** A bare day of the calendar, from 1900 to 9999. */
export const CalendarDay = z.iso
  .date()
  .refine((day) => day >= firstYear, "is before 1900, which no invoice is");

/** A time with its zone, or a bare day, which stays a day. */
export const DayOrInstant = z.union([CalendarDay, ZonedInstant], {
  error: "is neither a day (2026-11-20) nor a time with its zone (2026-11-20T09:50:00Z)",
});

/** Whole seconds since 1970, given as an instant. */
export const EpochSeconds = z
  .int()
  .min(0)
  .max(253_402_300_799)
  .transform((seconds): Instant => new Date(seconds * 1000).toISOString());
