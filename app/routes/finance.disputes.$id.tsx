import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useAnswer } from "#app/ui/answer.ts";
import { DisputeCase } from "#app/disputes/dispute-case.tsx";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { loadCase } from "#app/disputes/dispute-case.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { consoleTitle } from "#app/frame/console-title.ts";
import { DisputeForm, doToDispute } from "#server/disputes/dispute-form.ts";

export const meta = consoleTitle<typeof loader>(({ dispute }) => `Dispute ${dispute.number}`);

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  return loadCase(context, await requireDesk(request, context), found(params.id));
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { actor, locale } = await requireWorker(request, context);
  const disputeId = found(params.id);
  return submit(request, DisputeForm, async (form) => {
    await doToDispute(context, actor, { form, disputeId, locale });
    const query = new URL(request.url).searchParams;
    query.delete("write");
    query.set("done", form.do);
    return redirect(`/finance/disputes/${disputeId}?${query}`);
  });
}

export default function Dispute() {
  const data = useLoaderData<typeof loader>();
  return <DisputeCase data={data} refused={useAnswer<typeof action>()} />;
}
