import { z } from "zod";
import type { Db } from "#db/connect.ts";
import { chainsOf, invoicesNumbered, type AuditFilter } from "#db/queries/audit-log.ts";
import { idsNamed } from "#db/queries/picks.ts";
import { EventTypes } from "#domain/event.ts";
import { CalendarDate, plusDays } from "#domain/time.ts";
import { PickedCustomer } from "#server/disputes/picked.ts";

/** No ledger reaches further, and a day of it exists in every zone. */
const Day = CalendarDate.refine((day) => day >= "1970-01-01" && day <= "2999-12-31");

/** What the audit log is narrowed to, as its address says it; what does not fit is as if not asked. */
export const AuditQuery = z.object({
  type: z.union([z.enum(EventTypes), z.literal("")]).catch(""),
  customer: PickedCustomer.shape.customer.catch(""),
  customerName: PickedCustomer.shape.customerName.catch(""),
  invoice: z.string().trim().max(100).catch(""),
  from: z.union([Day, z.literal("")]).catch(""),
  until: z.union([Day, z.literal("")]).catch(""),
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
  const customer = await auditedCustomer(db, query);
  return {
    ...(query.type !== "" && { type: query.type }),
    ...(customer !== null && { chains: await chainsOf(db, customer) }),
    ...(query.invoice !== "" && { invoices: await invoicesNumbered(db, query.invoice) }),
    ...(query.from !== "" && { from: startOfDay(query.from) }),
    ...(query.until !== "" && { until: startOfDay(plusDays(query.until, 1)) }),
  };
}

/** The customer that the query means, chosen or written by name; null where it means none. */
export async function auditedCustomer(
  db: Db,
  { customer, customerName }: Pick<AuditQuery, "customer" | "customerName">,
): Promise<string | null> {
  if (customer !== "" || customerName === "") return customer || null;
  const [first] = await idsNamed(db, "customer", customerName);
  return first?.id ?? "unknown";
}
