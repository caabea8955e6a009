import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { requireStaff } from "#app/access/auth.server.ts";

export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireStaff(request, context);
  return redirect("/finance/disputes");
}
