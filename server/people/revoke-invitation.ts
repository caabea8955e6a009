import { z } from "zod";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { RequestError } from "#server/errors.ts";
import { audited } from "#server/audit/audited.ts";

export const RevokeForm = z.object({ do: z.literal("revoke"), invitation: z.string().min(1) });

/** Takes an invitation back before anybody used it. Throws 404 when there is none to take back. */
export async function revokeInvitation(
  context: Context,
  source: Source,
  { customerId, invitation }: { customerId: string; invitation: string },
): Promise<void> {
  await audited(context, async (trx) => {
    const revoked = await trx
      .updateTable("invitation")
      .set({ status: "canceled" })
      .where("id", "=", invitation)
      .where("organizationId", "=", customerId)
      .where("status", "=", "pending")
      .returning("id")
      .executeTakeFirst();
    if (!revoked) throw new RequestError(404, "There is no such invitation any more");
    const details = { customer: customerId };
    return {
      result: null,
      note: { source, action: "invitation_revoked", subject: invitation, details },
    };
  });
}
