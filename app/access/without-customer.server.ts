import { type AppLoadContext, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { findDispute } from "#db/queries/disputes-of.ts";
import { placeOfDispute, placeOfInvoice } from "#db/queries/finance-place.ts";
import { findInvoice } from "#db/queries/invoice-page.ts";
import { type CustomerScope, customerScopeOf, staffRoleOf } from "#db/queries/scope.ts";
import { findOwnEvent } from "#db/queries/verify-record.ts";
import { findFormerInvoice } from "#server/customers/former-invoice.ts";
import { lastPart } from "#app/http/last-part.server.ts";
import { customersOfReader, notTheirs, pathOfTheirs, requireSession } from "./auth.server.ts";

/** Finds what an address is about; null when the customer has no such thing. */
type Find = (context: AppLoadContext, scope: CustomerScope) => Promise<unknown>;

/**
 * Leads an address that names no company, as earlier mails and write-backs carry it, to the same page of
 * the company of the signed-in person that has what it is about: `find` looks, undefined for a page that
 * every company has. Staff are led to the console's page about it. Throws 404 when none has it.
 */
async function leadToCustomer(
  { request, context }: LoaderFunctionArgs,
  find?: Find,
  staffPath?: () => Promise<string | undefined>,
) {
  const session = await requireSession(request, context);
  const customers = await customersOfReader(context);
  const { pathname, search } = new URL(request.url);
  const path = pathname.replace(/\.data$/, "").replace(/\/$/, "") + search;
  if (customers.length === 0 && staffRoleOf(session)) {
    if (staffPath !== undefined) return redirect((await staffPath()) ?? "/finance");
    // Mails to staff lead to the same address as those to customers.
    return redirect(path.startsWith("/settings") ? "/finance/settings" : "/finance");
  }
  if (find === undefined) return redirect(pathOfTheirs(customers, path));
  const theirs = [];
  for (const customer of customers) {
    const scope = customerScopeOf(session, customers, customer.customerId);
    if (scope && (await find(context, scope))) theirs.push(customer);
  }
  if (theirs.length === 0) throw notTheirs(session);
  return redirect(pathOfTheirs(theirs, path));
}

/** For `/invoices` and what is below it. */
export function leadToInvoice(request: LoaderFunctionArgs) {
  const [id = ""] = (request.params["*"] ?? "").split("/");
  if (id === "") return leadToCustomer(request);
  const find: Find = async (context, scope) => {
    const own = await findInvoice(context.db, scope, id);
    return own ?? (await findFormerInvoice(context, scope, id));
  };
  return leadToCustomer(request, find, () => placeOfInvoice(request.context.db, id));
}

/** For `/disputes` and what is below it. */
export function leadToDispute(request: LoaderFunctionArgs) {
  if (!request.params["*"]) return leadToCustomer(request);
  const id = lastPart(request.request);
  const find: Find = ({ db }, scope) => findDispute(db, scope, id);
  return leadToCustomer(request, find, () => placeOfDispute(request.context.db, id));
}

/** For `/verify`, with or without the number of a record. */
export function leadToVerify(request: LoaderFunctionArgs) {
  const { search, searchParams } = new URL(request.request.url);
  const sequence = Number(searchParams.get("sequence") ?? "");
  if (!Number.isSafeInteger(sequence) || sequence < 1) return leadToCustomer(request);
  const find: Find = ({ db }, scope) => findOwnEvent(db, scope, sequence);
  return leadToCustomer(request, find, async () => `/finance/audit${search}`);
}

/** For `/settings`. */
export function leadToSettings(request: LoaderFunctionArgs) {
  return leadToCustomer(request);
}
