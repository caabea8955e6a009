import { sql } from "kysely";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import { readMailAddress } from "#domain/mail-address.ts";
import type { Validity } from "./sessions.ts";

/** Who has a session that is still valid; undefined when it ended, was left unused or never was. */
export async function findSession(db: Db, token: string, valid: Validity) {
  const [session] = await validSession(db, { token, ...valid });
  return session;
}

export interface Session {
  token: string;
  userId: string;
  name: string;
  email: string;
  staffRole: string | null;
  locale: string | null;
  timeZone: string | null;
  /** When it was used last, to some minutes. */
  usedAt: string;
}

const validSession = compiled<{ token: string } & Validity, Session>((db, value) =>
  db
    .selectFrom("session")
    .innerJoin("user", "user.id", "session.userId")
    .where("session.token", "=", value("token"))
    .where("session.expiresAt", ">", value("now"))
    .where("session.updatedAt", ">", value("idleSince"))
    .select([
      "session.token",
      "session.updatedAt as usedAt",
      "user.id as userId",
      "user.name",
      "user.email",
      "user.staffRole",
      "user.locale",
      "user.timeZone",
    ]),
);

export interface Membership {
  customerId: string;
  name: string;
  role: string;
}

/** The customers that a person may act for, by name. */
export const membershipsOf = compiled<{ user: string }, Membership>((db, value) =>
  db
    .selectFrom("member")
    .innerJoin("organization", "organization.id", "member.organizationId")
    .where("member.userId", "=", value("user"))
    .select(["organization.id as customerId", "organization.name", "member.role"])
    .orderBy("organization.name")
    .limit(sql.lit(200)),
);

/** The person with this address, in lower case as it is kept. */
export function findUser(db: Db, email: string) {
  return db
    .selectFrom("user")
    .where("email", "=", readMailAddress(email) ?? email.trim().toLowerCase())
    .selectAll()
    .executeTakeFirst();
}

/**
 * A customer's people and those invited who have not come yet; `refusedAt` is when the mail to an invited
 * address was refused, null while it takes mail.
 */
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
    .leftJoin("mail_suppressions as refusal", (on) =>
      on.on(({ eb, ref, fn }) =>
        eb("refusal.address", "=", fn<string>("lower", [ref("invitation.email")])),
      ),
    )
    .select(["id", "name", "email", "role", "expiresAt", "refusal.refused_at as refusedAt"])
    .orderBy("createdAt", "desc")
    .limit(200)
    .execute();
  return { members, invited };
}

/** An invitation with the customer's name, whether it can still be accepted or not. */
export function findInvitation(db: Db, id: string) {
  return db
    .selectFrom("invitation")
    .innerJoin("organization", "organization.id", "invitation.organizationId")
    .where("invitation.id", "=", id)
    .select([
      "invitation.id",
      "invitation.name",
      "invitation.status",
      "invitation.expiresAt",
      "invitation.email",
      "invitation.role",
      "organization.id as customerId",
      "organization.name as customerName",
    ])
    .executeTakeFirst();
}
