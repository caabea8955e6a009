import { address, on } from "#server/api/endpoint.ts";
import { ledgerPage } from "#server/api/events.ts";
import { listLedger } from "#server/api/operations.ts";

export const loader = address(
  on(listLedger, async ({ context, caller, query }) => ({
    body: await ledgerPage(context, caller, query),
  })),
);
export const action = loader;
