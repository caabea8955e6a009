import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { disputesAfter } from "#db/queries/dispute-queue.ts";
import {
  afterNumber,
  endpoint,
  notAllowed,
  pageOf,
  Paging,
  queryOf,
} from "#server/api/endpoint.ts";
import { presentDispute } from "#server/api/present.ts";
import { ApiDisputes } from "#server/api/schemas.ts";
import { DisputeState } from "#server/domain/dispute.ts";

const Query = Paging.extend({
  state: DisputeState.optional(),
  customer: z.string().optional(),
  invoice: z.string().optional(),
});

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ request, context, caller }) => {
    const { after, limit, state, customer, invoice } = queryOf(request, Query);
    const own = caller.customer?.customerId;
    const foreign = own !== undefined && customer !== undefined && customer !== own;
    const filter = { customerId: own ?? customer, invoiceId: invoice, state };
    const page = { ...filter, after: afterNumber(after), limit: limit + 1 };
    const rows = foreign ? [] : await disputesAfter(context.db, page);
    const item = (row: (typeof rows)[number]) => presentDispute(row, caller);
    const cursor = (row: (typeof rows)[number]) => String(row.sequence);
    return { schema: ApiDisputes, body: pageOf(rows, { limit, item, cursor }) };
  });
}

export const action = notAllowed("GET");
