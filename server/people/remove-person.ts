import { z } from "zod";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { RequestError } from "#server/errors.ts";
import { audited } from "#server/audit/audited.ts";
import { revokeInvitationsOf } from "./open-invitations.ts";

export const RemoveForm = z.object({ do: z.literal("remove"), user: z.string().min(1) });

/**
 * Ends a person's right to see a customer's invoices, at once: their sessions end, and what they invited to is
 * taken back. Throws 404.
 */
export async function removePerson(
  context: Context,
  source: Source,
  { customerId, user }: { customerId: string; user: string },
): Promise<void> {
  await audited(context, async (trx) => {
    const removed = await trx
      .deleteFrom("member")
      .where("organizationId", "=", customerId)
      .where("userId", "=", user)
      .returning("id")
      .executeTakeFirst();
    if (!removed) throw new RequestError(404, "This person is not one of theirs any more");
    await trx.deleteFrom("session").where("userId", "=", user).execute();
    const revoked = await revokeInvitationsOf(trx, { userId: user, customerId });
    const details = { customer: customerId, ...(revoked > 0 && { invitationsRevoked: revoked }) };
    return { result: null, note: { source, action: "person_removed", subject: user, details } };
  });
}
