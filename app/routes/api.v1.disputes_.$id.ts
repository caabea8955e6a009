import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { patchByKey, visibleDispute } from "#server/api/disputes.ts";
import { bodyOf, endpoint } from "#server/api/endpoint.ts";
import { presentDispute } from "#server/api/present.ts";
import { ApiDispute, DisputePatch } from "#server/api/schemas.ts";
import { RequestError } from "#server/errors.ts";

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ params, context, caller }) => {
    const dispute = await visibleDispute(context, caller, params.id ?? "");
    return { schema: ApiDispute, body: presentDispute(dispute, caller) };
  });
}

export function action(asked: ActionFunctionArgs) {
  return endpoint(asked, async ({ request, params, context, caller }) => {
    if (request.method !== "PATCH") {
      throw new RequestError(405, "This address answers GET and PATCH", {
        headers: { allow: "GET, PATCH" },
      });
    }
    const { id: disputeId = "" } = params;
    await visibleDispute(context, caller, disputeId);
    await patchByKey(context, caller, { ...(await bodyOf(request, DisputePatch)), disputeId });
    const dispute = await visibleDispute(context, caller, disputeId);
    return { schema: ApiDispute, body: presentDispute(dispute, caller) };
  });
}
