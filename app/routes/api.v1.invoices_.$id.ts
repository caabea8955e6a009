import { requireVisibleInvoice } from "#server/api/disputes.ts";
import { address, on } from "#server/api/endpoint.ts";
import { getInvoice } from "#server/api/operations.ts";
import { presentInvoice } from "#server/api/present.ts";

export const loader = address(
  on(getInvoice, async ({ params, context, caller }) => ({
    body: presentInvoice(await requireVisibleInvoice(context, caller, params.id ?? "")),
  })),
);
export const action = loader;
