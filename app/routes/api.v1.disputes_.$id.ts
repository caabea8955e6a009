import { patchByKey, visibleDispute } from "#server/api/disputes.ts";
import { address, on } from "#server/api/endpoint.ts";
import { getDispute, moveDispute } from "#server/api/operations.ts";
import { presentDispute } from "#server/api/present.ts";
import { bodyOf } from "#server/api/read-request.ts";

export const loader = address(
  on(getDispute, async ({ params, context, caller }) => {
    const dispute = await visibleDispute(context, caller, params.id ?? "");
    return { body: presentDispute(dispute, caller) };
  }),
  on(moveDispute, async ({ request, params, context, caller }) => {
    const { id } = await visibleDispute(context, caller, params.id ?? "");
    const patch = await bodyOf(request, moveDispute.body);
    await patchByKey(context, caller, { ...patch, disputeId: id });
    return { body: presentDispute(await visibleDispute(context, caller, id), caller) };
  }),
);
export const action = loader;
