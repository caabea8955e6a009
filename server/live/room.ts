import { membershipsOf } from "#db/queries/people.ts";
import { customerScopeOf, staffRoleOf } from "#db/queries/scope.ts";
import type { Portal } from "#server/portal-context.ts";

/** Who a socket belongs to: one session, and the one room that follows from it. */
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

/** The seat of the session in these headers; null when signed out or acting for nobody. */
export async function seatOf(portal: Portal, headers: Headers): Promise<Seat | null> {
  const session = await portal.auth.session(headers);
  if (!session) return null;
  const { token } = session;
  if (staffRoleOf(session)) return { token, customerId: null, room: financeRoom };
  const scope = customerScopeOf(session, await membershipsOf(portal.db, { user: session.userId }));
  if (!scope) return null;
  return { token, customerId: scope.customerId, room: customerRoom(scope.customerId) };
}
