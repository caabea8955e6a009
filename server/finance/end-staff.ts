import type { Context } from "#server/context.ts";
import { toInstant } from "#server/domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Actor } from "./actor.ts";
import { audited } from "./audited.ts";
import { requireAnotherAdministrator } from "./last-administrator.ts";

/**
 * Ends a person's work for the supplier: the role goes and every session ends at once.
 * Throws 409 for oneself, so that somebody always remains, and 404 when there is no such person.
 */
export async function endStaff(context: Context, actor: Actor, userId: string): Promise<void> {
  if (actor.person.id === userId) {
    throw new RequestError(409, "Another administrator has to take your role from you");
  }
  await audited(context, async (trx) => {
    await requireAnotherAdministrator(trx, userId);
    const ended = await trx
      .updateTable("user")
      .set({ staffRole: null, updatedAt: toInstant(context.clock()) })
      .where("id", "=", userId)
      .where("staffRole", "is not", null)
      .returning("id")
      .executeTakeFirst();
    if (!ended) throw new RequestError(404, "There is no such person");
    await trx.deleteFrom("session").where("userId", "=", userId).execute();
    const note = { source: actor.source, action: "staff_ended", subject: userId, details: {} };
    return { result: null, note };
  });
}
