import {
  disputePage,
  openByKey,
  requireVisibleInvoice,
  visibleDispute,
} from "#server/api/disputes.ts";
import { address, on } from "#server/api/endpoint.ts";
import { IdempotencyKey } from "#server/api/operation.ts";
import { listInvoiceDisputes, openDispute } from "#server/api/operations.ts";
import { presentDispute } from "#server/api/present.ts";
import { bodyOf, headerOf } from "#server/api/read-request.ts";

export const loader = address(
  on(listInvoiceDisputes, async ({ params, context, caller, query }) => {
    const { id: invoice } = await requireVisibleInvoice(context, caller, params.id ?? "");
    return { body: await disputePage(context, caller, { ...query, invoice }) };
  }),
  on(openDispute, async ({ request, params, context, caller }) => {
    const { id: invoiceId } = await requireVisibleInvoice(context, caller, params.id ?? "");
    const once = headerOf(request, "idempotency-key", IdempotencyKey);
    const asked = await bodyOf(request, openDispute.body);
    const id = await openByKey(context, caller, { invoiceId, asked, once });
    const dispute = await visibleDispute(context, caller, id);
    return { body: presentDispute(dispute, caller), location: `/api/v1/disputes/${id}` };
  }),
);
export const action = loader;
