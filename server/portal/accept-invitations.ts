import type { Context } from "#server/context.ts";
import { newId } from "#server/domain/id.ts";
import { auditIn } from "#server/ledger/audit.ts";

/** Accepts what an address was invited to, now that its owner signed in through a link mailed there. */
export async function acceptInvitations(
  context: Context,
  person: { userId: string; email: string },
): Promise<void> {
  const events = await context.writer.transaction().execute(async (trx) => {
    const now = new Date().toISOString();
    const accepted = await trx
      .updateTable("invitation")
      .set({ status: "accepted" })
      .where("email", "=", person.email)
      .where("status", "=", "pending")
      .where("expiresAt", ">", now)
      .returning(["id", "organizationId", "role"])
      .execute();
    const recorded = [];
    for (const { organizationId, role } of accepted) {
      const membership = { organizationId, userId: person.userId, role: role ?? "member" };
      await trx
        .insertInto("member")
        .values({ id: newId("mbr"), ...membership, createdAt: now })
        .execute();
      const joined = await auditIn(trx, context, {
        source: { kind: "user", user: person.userId },
        action: "invitation_accepted",
        subject: person.userId,
        details: { customer: organizationId, role: membership.role },
      });
      recorded.push(...joined);
    }
    return recorded;
  });
  context.committed.publish(events);
}
