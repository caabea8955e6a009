import type { LoaderFunctionArgs } from "@remix-run/node";
import { findVisibleInvoice } from "#db/queries/api-invoices.ts";
import { endpoint, notAllowed, Paging, queryOf } from "#server/api/endpoint.ts";
import { ledgerPage } from "#server/api/events.ts";
import { ApiEvents } from "#server/api/schemas.ts";
import { RequestError } from "#server/errors.ts";

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ request, params, context, caller }) => {
    const { id = "" } = params;
    if (!(await findVisibleInvoice(context.db, caller.customer, id))) {
      throw new RequestError(404, "There is no such invoice");
    }
    const page = { ...queryOf(request, Paging), invoices: [id] };
    return { schema: ApiEvents, body: await ledgerPage(context, caller, page) };
  });
}

export const action = notAllowed("GET");
