import type { Db } from "#db/connect.ts";

/** Who has a session that is still valid at `now`; undefined when it ended or never was. */
export function findSession(db: Db, token: string, now: string) {
  return db
    .selectFrom("session")
    .innerJoin("user", "user.id", "session.userId")
    .where("session.token", "=", token)
    .where("session.expiresAt", ">", now)
    .select([
      "session.token",
      "session.activeOrganizationId as activeCustomerId",
      "user.id as userId",
      "user.name",
      "user.email",
      "user.staffRole",
      "user.locale",
      "user.timeZone",
    ])
    .executeTakeFirst();
}

export type Session = NonNullable<Awaited<ReturnType<typeof findSession>>>;

/** The customers that a person may act for, by name. */
export function membershipsOf(db: Db, userId: string) {
  return db
    .selectFrom("member")
    .innerJoin("organization", "organization.id", "member.organizationId")
    .where("member.userId", "=", userId)
    .select(["organization.id as customerId", "organization.name", "member.role"])
    .orderBy("organization.name")
    .limit(200)
    .execute();
}

/** The person with this address, in lower case as it is kept. */
export function findUser(db: Db, email: string) {
  return db
    .selectFrom("user")
    .where("email", "=", email.trim().toLowerCase())
    .selectAll()
    .executeTakeFirst();
}

/** A customer's people and those invited who have not come yet. */
export async function peopleOf(db: Db, customerId: string) {
  const members = await db
    .selectFrom("member")
    .innerJoin("user", "user.id", "member.userId")
    .where("member.organizationId", "=", customerId)
    .select(["user.id", "user.name", "user.email", "member.role"])
    .orderBy("user.name")
    .limit(200)
    .execute();
  const invited = await db
    .selectFrom("invitation")
    .where("organizationId", "=", customerId)
    .where("status", "=", "pending")
    .select(["id", "email", "role", "expiresAt"])
    .orderBy("createdAt", "desc")
    .limit(200)
    .execute();
  return { members, invited };
}

/** An invitation that can still be accepted at `now`, with the customer's name. */
export function findInvitation(db: Db, id: string, now: string) {
  return db
    .selectFrom("invitation")
    .innerJoin("organization", "organization.id", "invitation.organizationId")
    .where("invitation.id", "=", id)
    .where("invitation.status", "=", "pending")
    .where("invitation.expiresAt", ">", now)
    .select([
      "invitation.id",
      "invitation.email",
      "invitation.role",
      "organization.id as customerId",
      "organization.name as customerName",
    ])
    .executeTakeFirst();
}
