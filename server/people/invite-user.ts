import { z } from "zod";
import type { Db } from "#db/connect.ts";
import { findUser } from "#db/queries/people.ts";
import type { Context } from "#server/context.ts";
import { PersonName } from "#domain/person-name.ts";
import { MailAddress } from "#domain/mail-address.ts";
import { newId } from "#domain/id.ts";
import type { Source } from "#domain/event.ts";
import { dayMs } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { queueInvitation } from "#server/mail/sign-in.ts";
import { requireFewInvitations } from "./invitation-limits.ts";

const invitationDays = 14;

export const InviteForm = z.object({
  email: MailAddress,
  name: PersonName,
  role: z.enum(["owner", "admin", "member"], "Choose a role").default("member"),
});

interface Invite extends z.infer<typeof InviteForm> {
  customerId: string;
  /** Who invites, for the audit chain. */
  source: Source;
  /** Whose name the mail says. */
  inviter: { userId: string | null; name: string };
  /** `customer` for a company's own administrator, whose invitations are limited in number. */
  side: "customer" | "supplier";
}

/**
 * Invites a person to a customer for 14 days and mails how to come in; gives the invitation's id.
 * The invited person accepts it by its own link. Throws 404 for an unknown customer, 409 for who is in
 * already, 429 for too many of a customer's administrator.
 */
export async function inviteUser(context: Context, invite: Invite): Promise<string> {
  const email = invite.email.trim().toLowerCase();
  const id = newId("ivt");
  const invited = await context.writer.transaction().execute(async (trx) => {
    const customer = await customerOf(trx, invite.customerId);
    const userId = await userFor(trx, email);
    await requireNew(trx, userId, customer.id);
    const inviterId = invite.inviter.userId ?? userId;
    if (invite.side === "customer") {
      await requireFewInvitations(trx, { userId: inviterId, customerId: customer.id, email });
    }
    await withdrawEarlier(trx, email, customer.id);
    const now = Date.now();
    const until = new Date(now + invitationDays * dayMs).toISOString();
    await trx
      .insertInto("invitation")
      .values({
        id,
        organizationId: customer.id,
        email,
        name: invite.name,
        role: invite.role,
        status: "pending",
        createdAt: new Date(now).toISOString(),
        expiresAt: until,
        // A command has no user of its own.
        inviterId,
      })
      .execute();
    const events = await auditIn(trx, context, {
      source: invite.source,
      action: "user_invited",
      subject: userId,
      details: { customer: customer.id, role: invite.role },
    });
    return { events, customer, until };
  });
  context.committed.publish(invited.events);
  await queueInvitation(context, {
    name: invite.name,
    locale: null,
    timeZone: null,
    to: email,
    customer: invited.customer.name,
    inviter: invite.inviter.name,
    until: invited.until,
    url: new URL(`/invitation/${id}`, context.config.publicUrl).href,
  });
  return id;
}

async function customerOf(trx: Db, id: string) {
  const customers = trx.selectFrom("organization").select(["id", "name"]);
  const customer = await customers.where("id", "=", id).executeTakeFirst();
  if (!customer) throw new RequestError(404, "There is no such customer");
  return customer;
}

/**
 * A person without any right yet, so that they can sign in; these come with the invitation once it is
 * accepted. Nor with a name: what an inviter calls somebody is nobody else's.
 */
async function userFor(trx: Db, email: string): Promise<string> {
  const known = await findUser(trx, email);
  if (known) return known.id;
  const now = new Date().toISOString();
  const id = newId("usr");
  const user = { id, email, name: email, emailVerified: 0, createdAt: now, updatedAt: now };
  await trx.insertInto("user").values(user).execute();
  return id;
}

async function requireNew(trx: Db, userId: string, customerId: string): Promise<void> {
  const member = await trx
    .selectFrom("member")
    .where("userId", "=", userId)
    .where("organizationId", "=", customerId)
    .select("id")
    .executeTakeFirst();
  if (!member) return;
  const fields = { email: "This person is in already" };
  throw new RequestError(409, "This person is in already.", { fields });
}

/** One invitation per address counts: the newest. */
async function withdrawEarlier(trx: Db, email: string, customerId: string): Promise<void> {
  await trx
    .updateTable("invitation")
    .set({ status: "canceled" })
    .where("email", "=", email)
    .where("organizationId", "=", customerId)
    .where("status", "=", "pending")
    .execute();
}
