import type { LoaderFunctionArgs } from "@remix-run/node";
import { endpoint, notAllowed, Paging, queryOf } from "#server/api/endpoint.ts";
import { ledgerPage } from "#server/api/events.ts";
import { ApiEvents } from "#server/api/schemas.ts";

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ request, context, caller }) => {
    return { schema: ApiEvents, body: await ledgerPage(context, caller, queryOf(request, Paging)) };
  });
}

export const action = notAllowed("GET");
