import { z } from "zod";
import { isInCalendar } from "./calendar.ts";

/** `YYYY-MM-DDTHH:MM:SS.sssZ`: sorts as text, the same on every engine. */
export const Instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "not an instant");
export type Instant = string;

/** `YYYY-MM-DD`, a calendar day without a zone. */
export const CalendarDate = z.iso.date();
export type CalendarDate = string;

/** When something happened, as exactly as the source knows it: a bare day stays a day. */
export const Occurred = z.union([Instant, CalendarDate]);
export type Occurred = string;

export const dayMs = 86_400_000;

/** Where "now" comes from; tests and the demo pass their own. */
export type Clock = () => Date;

export function toInstant(date: Date): Instant {
  const ms = date.getTime();
  // Asked for many times in a millisecond, and writing it costs as much as a small query.
  if (ms !== latest.ms) latest = { ms, instant: date.toISOString() };
  return latest.instant;
}

let latest = { ms: Number.NaN, instant: "" };

const firstMs = Date.parse("0001-01-01T00:00:00.000Z");
const lastMs = Date.parse("9999-12-31T23:59:59.999Z");

/** The instant so many milliseconds later; outside the years 1 to 9999 the last one that has a text. */
export function plusMs(instant: Instant, ms: number): Instant {
  return new Date(within(Date.parse(instant) + ms)).toISOString();
}

/**
 * The day after `days` more days; a calendar date has no zone, so UTC arithmetic is exact. One that does not
 * exist, which older versions recorded, stays as it is.
 */
export function plusDays(date: CalendarDate, days: number): CalendarDate {
  const ms = Date.parse(`${date}T00:00:00.000Z`) + days * dayMs;
  if (Number.isNaN(ms)) return date;
  return new Date(within(ms)).toISOString().slice(0, 10);
}

function within(ms: number): number {
  return Math.min(lastMs, Math.max(firstMs, ms));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day that an instant falls on in an IANA zone; a bare day is itself. */
export function dayIn(zone: string, occurred: Occurred): CalendarDate {
  if (occurred.length === 10 || !isInCalendar(occurred)) return occurred.slice(0, 10);
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
    formats.set(zone, format);
  }
  const day = format.format(new Date(occurred));
  // The zone may lead over the last day that a calendar date can be.
  return day.length === 10 ? day : occurred.slice(0, 10);
}

/** The first instant of a calendar day in a zone: the UTC midnight moved by what the zone is off then. */
export function startOfDay(day: CalendarDate, timeZone: string): Instant {
  const utc = Date.parse(`${day}T00:00:00.000Z`);
  const first = utc - offsetMs(new Date(utc), timeZone);
  return toInstant(new Date(utc - offsetMs(new Date(first), timeZone)));
}

function offsetMs(at: Date, timeZone: string): number {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (
    Date.parse(`${format.format(at).replace(" ", "T")}.000Z`) -
    Math.floor(at.getTime() / 1000) * 1000
  );
}

/** Whether it is an IANA zone, such as Europe/Amsterdam, or UTC. */
export function isZone(zone: string): boolean {
  return zone === "UTC" || Intl.supportedValuesOf("timeZone").includes(zone);
}

/** The day of an occurrence for comparing with others, read in UTC. */
export function roughMs(occurred: Occurred): number {
  return Date.parse(occurred.length === 10 ? `${occurred}T12:00:00Z` : occurred);
}
