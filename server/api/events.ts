import { chainsOf, eventRowsAfter } from "#db/queries/audit-log.ts";
import type { AuditFilter } from "#db/queries/audit-log.ts";
import type { Context } from "#server/context.ts";
import type { Caller } from "./key-check.ts";
import { afterNumber, pageOf } from "./paging.ts";
import { presentEvent } from "./present.ts";

/**
 * A page of the ledger in its order. A customer's key sees what is for customers on the chains of its
 * own customer records, and nothing else.
 */
export async function ledgerPage(
  { db, synced }: Pick<Context, "db" | "synced">,
  caller: Caller,
  { after, limit, ...asked }: AuditFilter & { after?: string | undefined; limit: number },
) {
  const filter: AuditFilter = { ...asked };
  if (caller.customer !== null) {
    filter.chains = await chainsOf(db, caller.customer.customerId);
    filter.audience = "customer";
  }
  const rows = await eventRowsAfter(db, filter, { after: afterNumber(after), limit: limit + 1 });
  // Who keeps a place by sequence must not find another event there after a power cut.
  await synced();
  return pageOf(rows, { limit, item: presentEvent, cursor: (row) => String(row.sequence) });
}
