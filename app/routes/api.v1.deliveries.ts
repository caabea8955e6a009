import { deliveriesAfter } from "#db/queries/api-invoices.ts";
import { address, on } from "#server/api/endpoint.ts";
import { listDeliveries } from "#server/api/operations.ts";
import { afterNumber, pageOf } from "#server/api/paging.ts";
import { presentDelivery } from "#server/api/present.ts";

export const loader = address(
  on(listDeliveries, async ({ context, query: { after, limit, ...filter } }) => {
    const page = { ...filter, after: afterNumber(after), limit: limit + 1 };
    const rows = await deliveriesAfter(context.db, page);
    const cursor = (row: { id: number }) => String(row.id);
    return { body: pageOf(rows, { limit, item: presentDelivery, cursor }) };
  }),
);
export const action = loader;
