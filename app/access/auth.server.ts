import {
  type AppLoadContext,
  type LoaderFunctionArgs,
  redirect,
  redirectDocument,
} from "@remix-run/node";
import { type Membership, membershipsOf, type Session } from "#db/queries/people.ts";
import { type CustomerScope, customerScopeOf, staffRoleOf, StaffScope } from "#db/queries/scope.ts";
import { localPath, sentBy } from "#app/http/http.server.ts";
import { personHeader } from "#domain/shown-person.ts";
import { customerPath } from "#domain/customer-path.ts";
import { oncePerPage } from "#app/http/once.server.ts";

const sessionOfReader = oncePerPage(({ auth, headers }) => auth.session(headers));

/** The id of the signed-in person; null when signed out. */
export async function readerId(context: AppLoadContext): Promise<string | null> {
  return (await sessionOfReader(context))?.userId ?? null;
}

/** The customers that the signed-in person may act for, by name; none when signed out. */
export const customersOfReader = oncePerPage(async (context) => {
  const session = await sessionOfReader(context);
  return session ? membershipsOf(context.db, { user: session.userId }) : [];
});

/**
 * The customer that the page's address names, for its signed-in person. Throws a redirect to /sign-in
 * when signed out and to /finance for staff; 404 for a customer that is not the person's or is unknown.
 */
export async function requireCustomer({
  request,
  params,
  context,
}: Pick<LoaderFunctionArgs, "request" | "params" | "context">): Promise<CustomerScope> {
  const session = await requireSession(request, context);
  const scope = customerScopeOf(session, await customersOfReader(context), params["customer"]);
  if (scope === null && staffRoleOf(session)) throw redirect("/finance");
  if (scope === null) throw notTheirs(session);
  return scope;
}

/** 404 with who is signed in: a link that was mailed to another address of the same person ends here. */
export function notTheirs({ email }: Pick<Session, "email">): Response {
  const words = `You are signed in as ${email}, which has nothing at this address. If a mail led you here, sign out and sign in with the address that it was sent to.`;
  return new Response(words, { status: 404 });
}

/** Where `path` is of the person's only customer; with several, or none, where they choose one. */
export function pathOfTheirs(customers: Membership[], path: string): string {
  const [first, ...others] = customers;
  if (first && others.length === 0) return customerPath(first.customerId, path);
  return `/choose-customer?${new URLSearchParams({ to: path })}`;
}

/** The person of the supplier who asks. Throws a redirect to /sign-in when signed out, 404 for customers. */
export async function requireStaff(request: Request, context: AppLoadContext): Promise<StaffScope> {
  const session = await requireSession(request, context);
  const role = staffRoleOf(session);
  if (!role) throw new Response("There is nothing at this address.", { status: 404 });
  return new StaffScope({ userId: session.userId, name: session.name, role });
}

/**
 * The session of the request. Throws a redirect to /sign-in that leads back to this page. When another
 * person signed in since the page was drawn, a load draws the whole page anew and a form is refused.
 */
export async function requireSession(request: Request, context: AppLoadContext): Promise<Session> {
  const session = await sessionOfReader(context);
  if (session) {
    const isLoad = request.method === "GET";
    if (isLoad && !isShownTo(request, session.userId)) throw redirectDocument(pathOf(request));
    sentBy(request, session);
    return session;
  }
  const to = new URLSearchParams({ to: pathOf(request) });
  throw redirect(`/sign-in?${to}`);
}

function isShownTo({ headers }: Request, userId: string): boolean {
  const shown = headers.get(personHeader);
  return shown === null || shown === userId;
}

/** Where the request wanted to go, for after signing in; a form's own address after its page. */
function pathOf(request: Request): string {
  const url = new URL(request.url);
  return localPath(url.pathname.replace(/\.data$/, "") + url.search);
}
