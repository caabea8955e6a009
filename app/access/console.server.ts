import type { AppLoadContext } from "@remix-run/node";
import { readSupplier } from "#db/queries/settings.ts";
import type { StaffScope } from "#db/queries/scope.ts";
import { localeOf } from "#domain/locale.ts";
import { type CalendarDate, dayIn, type Instant, toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { type Actor, asAdministrator, asWorker } from "#server/people/actor.ts";
import { requireSession, requireStaff } from "./auth.server.ts";

export interface Desk {
  scope: StaffScope;
  locale: string;
  timeZone: string;
  now: Instant;
  /** The present day in the supplier's zone. */
  today: CalendarDate;
  supplier: { name: string; timeZone: string };
}

/** Who of the supplier asks and how they read times and amounts: what every console page starts with. */
export async function requireDesk(request: Request, context: AppLoadContext): Promise<Desk> {
  const scope = await requireStaff(request, context);
  const session = await requireSession(request, context);
  const { name, timeZone } = await readSupplier(context.db);
  const now = toInstant(context.clock());
  return {
    scope,
    locale: localeOf(session.locale),
    timeZone: session.timeZone ?? timeZone,
    now,
    today: dayIn(timeZone, now),
    supplier: { name, timeZone },
  };
}

/** The same for who changes something. Throws 403 for an auditor. */
export async function requireWorker(
  request: Request,
  context: AppLoadContext,
): Promise<Desk & { actor: Actor }> {
  const desk = await requireDesk(request, context);
  return { ...desk, actor: allowed(() => asWorker(desk.scope)) };
}

/** The same for pages that say who has access and by which rules. Throws 403 for finance: an auditor reads them. */
export async function requireOverseer(
  request: Request,
  context: AppLoadContext,
): Promise<Desk & { mayChange: boolean }> {
  const desk = await requireDesk(request, context);
  if (desk.scope.role === "finance") allowed(() => asAdministrator(desk.scope));
  return { ...desk, mayChange: desk.scope.role === "administrator" };
}

/** The same for connections, people and keys. Throws 403 for everybody but administrators. */
export async function requireAdministrator(
  request: Request,
  context: AppLoadContext,
): Promise<Desk & { actor: Actor }> {
  const desk = await requireDesk(request, context);
  return { ...desk, actor: allowed(() => asAdministrator(desk.scope)) };
}

/** A refusal as the answer that Remix shows as a page. */
function allowed(decide: () => Actor): Actor {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // oxlint-disable-next-line no-throw-literal
    throw new Response(error.message, { status: error.status });
  }
}
