import { disputePage } from "#server/api/disputes.ts";
import { address, on } from "#server/api/endpoint.ts";
import { listDisputes } from "#server/api/operations.ts";

export const loader = address(
  on(listDisputes, async ({ context, caller, query }) => ({
    body: await disputePage(context, caller, query),
  })),
);
export const action = loader;
