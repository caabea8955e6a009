import { z } from "zod";
import { membershipsOf } from "#db/queries/people.ts";
import { customerScopeOf, staffRoleOf } from "#db/queries/scope.ts";
import type { Portal } from "#server/portal-context.ts";

/** Who a socket belongs to: one session, and the one room of the page that it serves. */
export interface Seat {
  token: string;
  /** null: staff, who see every customer. */
  customerId: string | null;
  room: string;
}

export const financeRoom = "finance";

export function customerRoom(customerId: string): string {
  return `customer:${customerId}`;
}

/** What a page says when it connects: for whom it was drawn, and of which customer; null: the desk. */
const Asking = z.object({ customer: z.string().nullable(), person: z.string() });

/**
 * The seat that a page asks for, for the session in these headers. Gives null when signed out
 * or when another person signed in since the page was drawn, when the person is not of that customer, or
 * not of the supplier for the desk, and when nothing is asked for.
 */
export async function seatOf(
  portal: Portal,
  headers: Headers,
  asked: unknown,
): Promise<Seat | null> {
  const asking = Asking.safeParse(asked);
  if (!asking.success) return null;
  const { customer, person } = asking.data;
  const session = await portal.auth.session(headers);
  if (session?.userId !== person) return null;
  const { token } = session;
  if (customer === null) {
    return staffRoleOf(session) ? { token, customerId: null, room: financeRoom } : null;
  }
  const customers = await membershipsOf(portal.db, { user: session.userId });
  const scope = customerScopeOf(session, customers, customer);
  if (!scope) return null;
  return { token, customerId: scope.customerId, room: customerRoom(scope.customerId) };
}
