import { requireVisibleInvoice } from "#server/api/disputes.ts";
import { address, on } from "#server/api/endpoint.ts";
import { ledgerPage } from "#server/api/events.ts";
import { listInvoiceEvents } from "#server/api/operations.ts";

export const loader = address(
  on(listInvoiceEvents, async ({ params, context, caller, query }) => {
    const { id } = await requireVisibleInvoice(context, caller, params.id ?? "");
    return { body: await ledgerPage(context, caller, { ...query, invoices: [id] }) };
  }),
);
export const action = loader;
