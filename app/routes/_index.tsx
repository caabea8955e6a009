import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { customersOfReader, pathOfTheirs, requireSession } from "#app/access/auth.server.ts";
import { staffRoleOf } from "#db/queries/scope.ts";

export async function loader({ request, context }: LoaderFunctionArgs) {
  const session = await requireSession(request, context);
  if (staffRoleOf(session)) return redirect("/finance");
  return redirect(pathOfTheirs(await customersOfReader(context), "/invoices"));
}
