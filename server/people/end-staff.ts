import { openDisputesOf } from "#db/queries/dispute-queue.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { act } from "#server/disputes/act-on-dispute.ts";
import type { Actor } from "./actor.ts";
import { audited } from "#server/audit/audited.ts";
import { requireAnotherAdministrator } from "./last-administrator.ts";
import { revokeInvitationsOf } from "./open-invitations.ts";

/**
 * Ends a person's work for the supplier: the role goes, every session ends at once, what they invited to is
 * taken back, and the disputes that they worked are nobody's.
 * Throws 409 for oneself, so that somebody always remains, and 404 when there is no such person.
 */
export async function endStaff(context: Context, actor: Actor, userId: string): Promise<void> {
  if (actor.person.id === userId) {
    throw new RequestError(409, "Another administrator has to take your role from you");
  }
  await audited(context, async (trx) => {
    await requireAnotherAdministrator(trx, userId);
    const known = await trx
      .selectFrom("user")
      .where("id", "=", userId)
      .select("staffRole")
      .executeTakeFirst();
    const ended = await trx
      .updateTable("user")
      .set({ staffRole: null, updatedAt: toInstant(context.clock()) })
      .where("id", "=", userId)
      .where("staffRole", "is not", null)
      .returning("id")
      .executeTakeFirst();
    if (!ended) throw new RequestError(404, "There is no such person");
    await trx.deleteFrom("session").where("userId", "=", userId).execute();
    const revoked = await revokeInvitationsOf(trx, { userId });
    const details = {
      roleBefore: known?.staffRole ?? null,
      ...(revoked > 0 && { invitationsRevoked: revoked }),
    };
    const note = { source: actor.source, action: "staff_ended", subject: userId, details };
    return { result: null, note };
  });
  await giveBackAll(context, actor, userId);
}

/** What somebody worked who is gone is nobody's. */
async function giveBackAll(context: Context, actor: Actor, userId: string): Promise<void> {
  const disputes = await openDisputesOf(context.db, userId);
  await act(
    context,
    actor,
    disputes.map(({ id }) => ({
      ...{ kind: "assign_dispute" as const, disputeId: id },
      ...{ to: "nobody" as const, from: userId },
    })),
  );
}
