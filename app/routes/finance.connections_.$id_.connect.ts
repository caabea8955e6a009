import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { requireSession } from "#app/access/auth.server.ts";
import { requireAdministrator } from "#app/access/console.server.ts";
import { found } from "#app/http/http.server.ts";
import { beginConnect } from "#server/connections/start-grant.ts";

/**
 * Leads to the vendor's page where an organisation lets the app in. A link and no form: a form may
 * lead to our own addresses alone. Since it notes who is on the way, it takes a press on a page of the portal
 * alone; a request that somebody typed, a foreign page made or that wants no body changes nothing.
 */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  await requireAdministrator(request, context);
  const { token } = await requireSession(request, context);
  const { id, connector } = found(context.connections.get(found(params.id)));
  found(connector.app);
  const isPressed = request.headers.get("sec-fetch-site") === "same-origin";
  if (!isPressed || request.method !== "GET") {
    // oxlint-disable-next-line no-throw-literal
    throw new Response("Begin on the connection's own page.", { status: 403 });
  }
  return redirect(await beginConnect(context, { app: id, sessionToken: token }));
}
