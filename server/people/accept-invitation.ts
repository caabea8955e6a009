import { z } from "zod";
import type { Db } from "#db/connect.ts";
import type { Session } from "#db/queries/people.ts";
import type { Context } from "#server/context.ts";
import { newId } from "#domain/id.ts";
import { isNameless, PersonName } from "#domain/person-name.ts";
import { RequestError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { mayStillInvite } from "./open-invitations.ts";

/** `name` is asked of somebody who has none yet, see `isNameless`. */
export const AcceptForm = z.object({ name: PersonName.optional() });

/**
 * Makes the signed-in person a member of the customer that this one invitation is for; gives the
 * customer's id. A name is kept for a person who has none yet. Throws 404 for an invitation to another
 * address, 410 for one that was used, taken back, is too old or of somebody who may no longer invite, 422
 * without a name.
 */
export async function acceptInvitation(
  context: Context,
  person: Pick<Session, "userId" | "email" | "name">,
  { id, name }: { id: string } & z.infer<typeof AcceptForm>,
): Promise<string> {
  if (isNameless(person) && name === undefined) {
    throw new RequestError(422, "Write your name.", { fields: { name: "Write your name" } });
  }
  const { events, customerId } = await context.writer.transaction().execute(async (trx) => {
    const { organizationId, role } = await take(trx, id, person);
    const membership = { organizationId, userId: person.userId, role: role ?? "member" };
    await join(trx, membership);
    if (isNameless(person)) {
      await trx
        .updateTable("user")
        .set({ name: name ?? person.email, updatedAt: new Date().toISOString() })
        .where("id", "=", person.userId)
        .execute();
    }
    const joined = await auditIn(trx, context, {
      source: { kind: "user", user: person.userId },
      action: "invitation_accepted",
      subject: person.userId,
      details: { customer: organizationId, role: membership.role },
    });
    return { events: joined, customerId: organizationId };
  });
  context.committed.publish(events);
  return customerId;
}

async function take(trx: Db, id: string, { userId, email }: Pick<Session, "userId" | "email">) {
  const own = trx.selectFrom("invitation").where("id", "=", id).where("email", "=", email);
  if (!(await own.select("id").executeTakeFirst())) {
    throw new RequestError(404, "There is no such invitation");
  }
  const taken = await trx
    .updateTable("invitation")
    .set({ status: "accepted" })
    .where("id", "=", id)
    .where("status", "=", "pending")
    .where("expiresAt", ">", new Date().toISOString())
    .returning(["organizationId", "role", "inviterId"])
    .executeTakeFirst();
  if (taken) {
    const { organizationId: customerId, inviterId: inviter } = taken;
    if (await mayStillInvite(trx, { inviter, invited: userId, customerId })) return taken;
  }
  throw new RequestError(410, "This invitation was used already, was taken back or is too old.");
}

/** Somebody who is in already stays what they are. */
async function join(
  trx: Db,
  membership: { organizationId: string; userId: string; role: string },
): Promise<void> {
  const member = await trx
    .selectFrom("member")
    .where("organizationId", "=", membership.organizationId)
    .where("userId", "=", membership.userId)
    .select("id")
    .executeTakeFirst();
  if (member) return;
  const createdAt = new Date().toISOString();
  await trx
    .insertInto("member")
    .values({ id: newId("mbr"), ...membership, createdAt })
    .execute();
}
