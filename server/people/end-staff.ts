import { z } from "zod";
import { openDisputesOf } from "#db/queries/dispute-queue.ts";
import type { Db } from "#db/connect.ts";
import { listKeyRows } from "#db/queries/api-keys.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { act } from "#server/disputes/act-on-dispute.ts";
import type { Actor } from "./actor.ts";
import { revokeKeyIn } from "#server/access/api-keys.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { requireAnotherAdministrator } from "./last-administrator.ts";
import { revokeInvitationsOf } from "./open-invitations.ts";

export const EndForm = z.object({
  do: z.literal("end"),
  user: z.string().min(1),
  /** The ids of their keys that end with them; a browser sends one ticked box as a text. */
  keys: z.preprocess(
    (given) => (typeof given === "string" ? [given] : (given ?? [])),
    z.array(z.string()).max(500),
  ),
});

/**
 * Ends a person's work for the supplier: the role goes, every session ends at once, what they invited to is
 * taken back, the disputes that they worked are nobody's, and those of their API keys that are named are
 * revoked. Throws 409 for oneself, so that somebody always remains, and 404 when there is no such person,
 * or no such key of theirs.
 */
export async function endStaff(
  context: Context,
  actor: Actor,
  { user: userId, keys }: Omit<z.infer<typeof EndForm>, "do">,
): Promise<void> {
  if (actor.person.id === userId) {
    throw new RequestError(409, "Another administrator has to take your role from you");
  }
  const events = await context.writer.transaction().execute(async (trx) => {
    const details = await endRole(trx, context, userId);
    const { source } = actor;
    const ended = { source, action: "staff_ended", subject: userId, details };
    const written = await auditIn(trx, context, ended);
    for (const id of await keysOf(trx, userId, keys)) {
      const revoked = await revokeKeyIn(trx, context, { source, id });
      written.push(...(await auditIn(trx, context, revoked)));
    }
    return written;
  });
  context.committed.publish(events);
  await giveBackAll(context, actor, userId);
}

/** Takes the role, the sessions and the open invitations; gives what the ledger says of it. */
async function endRole(trx: Db, { clock }: Context, userId: string) {
  await requireAnotherAdministrator(trx, userId);
  const known = await trx
    .selectFrom("user")
    .where("id", "=", userId)
    .select("staffRole")
    .executeTakeFirst();
  const ended = await trx
    .updateTable("user")
    .set({ staffRole: null, updatedAt: toInstant(clock()) })
    .where("id", "=", userId)
    .where("staffRole", "is not", null)
    .returning("id")
    .executeTakeFirst();
  if (!ended) throw new RequestError(404, "There is no such person");
  await trx.deleteFrom("session").where("userId", "=", userId).execute();
  const revoked = await revokeInvitationsOf(trx, { userId });
  return {
    roleBefore: known?.staffRole ?? null,
    ...(revoked > 0 && { invitationsRevoked: revoked }),
  };
}

/** The named keys. Throws 404 where one is not this person's. */
async function keysOf(trx: Db, userId: string, named: string[]): Promise<string[]> {
  if (named.length === 0) return [];
  const own = await listKeyRows(trx, { madeBy: userId });
  if (named.every((id) => own.some((key) => key.id === id))) return named;
  throw new RequestError(404, "This is no key of theirs");
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
