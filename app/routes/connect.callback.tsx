import { type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { requireSession } from "#app/access/auth.server.ts";
import { Gate } from "#app/frame/gate.tsx";
import { requireAdministrator } from "#app/access/console.server.ts";
import { readerOf } from "#app/frame/frame.server.ts";
import { finishConnect } from "#server/connections/finish-grant.ts";

export const meta: MetaFunction = () => [{ title: "Not connected" }];

/** What the vendor or the portal refused, known by its shape as in `submit`. */
const Refusal = z.object({
  name: z.enum(["RequestError", "UpstreamError"]),
  message: z.string(),
});

/** Where vendors send people back to, with a code or with what they refused. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { actor, scope, supplier } = await requireAdministrator(request, context);
  const { token } = await requireSession(request, context);
  const callback = new URL(request.url).searchParams;
  const { source } = actor;
  const cameBack = { callback, sessionToken: token, userId: scope.userId, source };
  try {
    const { app } = await finishConnect(context, cameBack);
    return redirect(`/finance/connections/${app}`);
  } catch (error) {
    const refusal = Refusal.safeParse(error);
    if (!refusal.success) throw error;
    const reader = await readerOf(context, null);
    return { supplier: supplier.name, reader, reason: refusal.data.message };
  }
}

export default function NotConnected() {
  const { supplier, reader, reason } = useLoaderData<typeof loader>();
  return (
    <Gate {...{ supplier, reader }} title="Not connected" text={reason}>
      <p>
        Nothing was changed. <Link to="/finance/connections">Back to the connections</Link>, where
        you can begin again.
      </p>
    </Gate>
  );
}
