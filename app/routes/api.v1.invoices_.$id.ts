import type { LoaderFunctionArgs } from "@remix-run/node";
import { findVisibleInvoice } from "#db/queries/api-invoices.ts";
import { endpoint, notAllowed } from "#server/api/endpoint.ts";
import { presentInvoice } from "#server/api/present.ts";
import { ApiInvoice } from "#server/api/schemas.ts";
import { RequestError } from "#server/errors.ts";

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ params, context, caller }) => {
    const row = await findVisibleInvoice(context.db, caller.customer, params.id ?? "");
    if (!row) throw new RequestError(404, "There is no such invoice");
    return { schema: ApiInvoice, body: presentInvoice(row) };
  });
}

export const action = notAllowed("GET");
