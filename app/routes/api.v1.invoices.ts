import { firstSequenceSince } from "#db/queries/audit-log.ts";
import { invoicesAfter } from "#db/queries/api-invoices.ts";
import { address, on } from "#server/api/endpoint.ts";
import { listInvoices } from "#server/api/operations.ts";
import { afterEvent, pageOf } from "#server/api/paging.ts";
import { presentInvoice } from "#server/api/present.ts";

export const loader = address(
  on(listInvoices, async ({ context: { db }, caller, query }) => {
    const { after, limit, updatedSince, ...filter } = query;
    const since = updatedSince === undefined ? 0 : await firstSequenceSince(db, updatedSince);
    const page = { ...filter, since, after: afterEvent(after), limit: limit + 1 };
    const rows = await invoicesAfter(db, caller.customer, page);
    const cursor = (row: { sequence: number; id: string }) => `${row.sequence}~${row.id}`;
    return { body: pageOf(rows, { limit, item: presentInvoice, cursor }) };
  }),
);
export const action = loader;
