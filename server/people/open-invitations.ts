import type { Db } from "#db/connect.ts";

/** Whose invitations: all that they sent, or those to one customer. */
interface Inviter {
  userId: string;
  customerId?: string;
}

/** Takes back what somebody invited to who may invite no longer; gives how many nobody had accepted. */
export async function revokeInvitationsOf(
  trx: Db,
  { userId, customerId }: Inviter,
): Promise<number> {
  let open = trx
    .updateTable("invitation")
    .set({ status: "canceled" })
    .where("inviterId", "=", userId)
    .where("status", "=", "pending");
  if (customerId !== undefined) open = open.where("organizationId", "=", customerId);
  return (await open.returning("id").execute()).length;
}

/**
 * Whether the person who invited may still do so: as an administrator of the customer, or as one of the
 * supplier's who changes things. Who is invited by a command stands as their own inviter.
 */
export async function mayStillInvite(
  trx: Db,
  { inviter, invited, customerId }: { inviter: string; invited: string; customerId: string },
): Promise<boolean> {
  if (inviter === invited) return true;
  const staff = await trx
    .selectFrom("user")
    .where("id", "=", inviter)
    .where("staffRole", "in", ["finance", "administrator"])
    .select("id")
    .executeTakeFirst();
  if (staff) return true;
  const administrator = await trx
    .selectFrom("member")
    .where("userId", "=", inviter)
    .where("organizationId", "=", customerId)
    .where("role", "in", ["owner", "admin"])
    .select("id")
    .executeTakeFirst();
  return administrator !== undefined;
}
