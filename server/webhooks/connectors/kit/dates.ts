import { z } from "zod";
import type { Instant } from "#server/domain/time.ts";

/** An ISO 8601 time with its zone, given as an instant; without a zone nobody knows when it was. */
export const ZonedInstant = z.iso
  .datetime({ offset: true, error: "is not a time with its zone, such as 2026-11-20T09:50:00Z" })
  .transform((text): Instant => (isInstant.test(text) ? text : new Date(text).toISOString()));

/** As `toISOString` writes it, and many senders do: it need not be read and written once more. */
const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A time with its zone, or a bare day, which stays a day. */
export const DayOrInstant = z.union([z.iso.date(), ZonedInstant], {
  error: "is neither a day (2026-11-20) nor a time with its zone (2026-11-20T09:50:00Z)",
});

/** Whole seconds since 1970, given as an instant. */
export const EpochSeconds = z
  .int()
  .min(0)
  .max(253_402_300_799)
  .transform((seconds): Instant => new Date(seconds * 1000).toISOString());
