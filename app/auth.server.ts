import { type AppLoadContext, redirect } from "@remix-run/node";
import { membershipsOf, type Session } from "#db/queries/people.ts";
import { type CustomerScope, customerScopeOf, staffRoleOf, StaffScope } from "#db/queries/scope.ts";
import { localPath } from "./http.server.ts";
import { oncePerPage } from "./once.server.ts";

const sessionOfReader = oncePerPage(({ auth, headers }) => auth.session(headers));

/** The customers that the signed-in person may act for, by name; none when signed out. */
export const customersOfReader = oncePerPage(async (context) => {
  const session = await sessionOfReader(context);
  return session ? membershipsOf(context.db, { user: session.userId }) : [];
});

/**
 * The customer that the signed-in person acts for. Throws a redirect to /sign-in when signed out, to
 * /choose-customer when there are several and none is chosen, to /finance for staff; 403 for nobody's.
 */
export async function requireCustomer(
  request: Request,
  context: AppLoadContext,
): Promise<CustomerScope> {
  const session = await requireSession(request, context);
  const scope = customerScopeOf(session, await customersOfReader(context));
  if (scope) return scope;
  if (staffRoleOf(session)) {
    // Mails to staff lead to the same address as those to customers.
    throw redirect(pathOf(request).startsWith("/settings") ? "/finance/settings" : "/finance");
  }
  const to = new URLSearchParams({ to: pathOf(request) });
  throw redirect(`/choose-customer?${to}`);
}

/** The person of the supplier who asks. Throws a redirect to /sign-in when signed out, 404 for customers. */
export async function requireStaff(request: Request, context: AppLoadContext): Promise<StaffScope> {
  const session = await requireSession(request, context);
  const role = staffRoleOf(session);
  if (!role) throw new Response("There is nothing at this address.", { status: 404 });
  return new StaffScope({ userId: session.userId, name: session.name, role });
}

/** The session of the request. Throws a redirect to /sign-in that leads back to this page. */
export async function requireSession(request: Request, context: AppLoadContext): Promise<Session> {
  const session = await sessionOfReader(context);
  if (session) return session;
  const to = new URLSearchParams({ to: pathOf(request) });
  throw redirect(`/sign-in?${to}`);
}

/** Where the request wanted to go, for after signing in; a form's own address after its page. */
function pathOf(request: Request): string {
  const url = new URL(request.url);
  return localPath(url.pathname.replace(/\.data$/, "") + url.search);
}
