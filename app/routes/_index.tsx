import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { requireSession } from "#app/auth.server.ts";
import { staffRoleOf } from "#db/queries/scope.ts";

export async function loader({ request, context }: LoaderFunctionArgs) {
  const session = await requireSession(request, context);
  return redirect(staffRoleOf(session) ? "/finance" : "/invoices");
}
