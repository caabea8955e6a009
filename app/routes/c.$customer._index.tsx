import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { requireCustomer } from "#app/access/auth.server.ts";
import { customerPath } from "#domain/customer-path.ts";

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { customerId } = await requireCustomer({ request, params, context });
  return redirect(customerPath(customerId, "/invoices"));
}
