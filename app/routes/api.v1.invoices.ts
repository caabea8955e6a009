import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { invoicesAfter } from "#db/queries/api-invoices.ts";
import { afterEvent, endpoint, notAllowed, pageOf, Paging, queryOf } from "#server/api/endpoint.ts";
import { presentInvoice } from "#server/api/present.ts";
import { ApiInvoice, ApiInvoices } from "#server/api/schemas.ts";
import { toInstant } from "#server/domain/time.ts";

const Query = Paging.extend({
  number: z.string().optional(),
  externalId: z.string().optional(),
  connection: z.string().optional(),
  customer: z.string().optional(),
  status: ApiInvoice.shape.status.optional(),
  dispute: ApiInvoice.shape.dispute.optional(),
  updatedSince: z.iso
    .datetime({ offset: true, error: "is an instant like 2026-11-20T08:00:00Z" })
    .transform((text) => toInstant(new Date(text)))
    .optional(),
});

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ request, context, caller }) => {
    const { after, limit, ...filter } = queryOf(request, Query);
    const page = { ...filter, after: afterEvent(after), limit: limit + 1 };
    const rows = await invoicesAfter(context.db, caller.customer, page);
    const cursor = (row: { sequence: number; id: string }) => `${row.sequence}~${row.id}`;
    return { schema: ApiInvoices, body: pageOf(rows, { limit, item: presentInvoice, cursor }) };
  });
}

export const action = notAllowed("GET");
