import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { deliveriesAfter } from "#db/queries/api-invoices.ts";
import {
  afterNumber,
  endpoint,
  notAllowed,
  pageOf,
  Paging,
  queryOf,
} from "#server/api/endpoint.ts";
import { requireSupplier } from "#server/api/key-check.ts";
import { presentDelivery } from "#server/api/present.ts";
import { ApiDeliveries } from "#server/api/schemas.ts";

const Query = Paging.extend({ connection: z.string().optional() });

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ request, context, caller }) => {
    requireSupplier(caller);
    const { after, limit, connection } = queryOf(request, Query);
    const page = { connection, after: afterNumber(after), limit: limit + 1 };
    const rows = await deliveriesAfter(context.db, page);
    const cursor = (row: { id: number }) => String(row.id);
    return { schema: ApiDeliveries, body: pageOf(rows, { limit, item: presentDelivery, cursor }) };
  });
}

export const action = notAllowed("GET");
