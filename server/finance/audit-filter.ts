import { z } from "zod";
import type { Db } from "#db/connect.ts";
import { chainsOf, invoicesNumbered, type AuditFilter } from "#db/queries/audit-log.ts";
import { EventTypes } from "#server/domain/event.ts";
import { CalendarDate, plusDays } from "#server/domain/time.ts";

/** What the audit log is narrowed to, as its address says it; what does not fit is as if not asked. */
export const AuditQuery = z.object({
  type: z.union([z.enum(EventTypes), z.literal("")]).catch(""),
  customer: z.string().max(60).catch(""),
  invoice: z.string().trim().max(100).catch(""),
  from: z.union([CalendarDate, z.literal("")]).catch(""),
  until: z.union([CalendarDate, z.literal("")]).catch(""),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/**
 * The filter of the query: a customer is its chains, a number its invoices, days are whole days of
 * the supplier's zone, of which `startOfDay` gives the first instant.
 */
export async function auditFilter(
  db: Db,
  query: AuditQuery,
  startOfDay: (day: CalendarDate) => string,
): Promise<AuditFilter> {
  return {
    ...(query.type !== "" && { type: query.type }),
    ...(query.customer !== "" && { chains: await chainsOf(db, query.customer) }),
    ...(query.invoice !== "" && { invoices: await invoicesNumbered(db, query.invoice) }),
    ...(query.from !== "" && { from: startOfDay(query.from) }),
    ...(query.until !== "" && { until: startOfDay(plusDays(query.until, 1)) }),
  };
}
