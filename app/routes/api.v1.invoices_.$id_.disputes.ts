import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { findVisibleInvoice } from "#db/queries/api-invoices.ts";
import { disputesAfter } from "#db/queries/dispute-queue.ts";
import { openByKey, visibleDispute } from "#server/api/disputes.ts";
import { afterNumber, bodyOf, endpoint, pageOf, Paging, queryOf } from "#server/api/endpoint.ts";
import { presentDispute } from "#server/api/present.ts";
import { ApiDispute, ApiDisputes, NewDispute } from "#server/api/schemas.ts";
import { RequestError } from "#server/errors.ts";

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ request, params, context, caller }) => {
    const { id: invoiceId = "" } = params;
    if (!(await findVisibleInvoice(context.db, caller.customer, invoiceId))) {
      throw new RequestError(404, "There is no such invoice");
    }
    const { after, limit } = queryOf(request, Paging);
    const page = { invoiceId, after: afterNumber(after), limit: limit + 1 };
    const rows = await disputesAfter(context.db, page);
    const item = (row: (typeof rows)[number]) => presentDispute(row, caller);
    const cursor = (row: (typeof rows)[number]) => String(row.sequence);
    return { schema: ApiDisputes, body: pageOf(rows, { limit, item, cursor }) };
  });
}

export function action(asked: ActionFunctionArgs) {
  return endpoint(asked, async ({ request, params, context, caller }) => {
    if (request.method !== "POST") {
      throw new RequestError(405, "This address answers GET and POST", {
        headers: { allow: "GET, POST" },
      });
    }
    const body = await bodyOf(request, NewDispute);
    const id = await openByKey(context, caller, { ...body, invoiceId: params.id ?? "" });
    const dispute = await visibleDispute(context, caller, id);
    const location = `/api/v1/disputes/${id}`;
    return { schema: ApiDispute, body: presentDispute(dispute, caller), status: 201, location };
  });
}
