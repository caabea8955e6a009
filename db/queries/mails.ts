import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import type { Instant } from "#domain/time.ts";

/** Mails about an invoice that an address got before: from the second on the subject says "Re:". */
export async function sentMails(db: Db, { to, invoiceId }: { to: string; invoiceId: string }) {
  const row = await db
    .selectFrom("outbox")
    .select((eb) => eb.fn.countAll<number>().as("sent"))
    .where("invoice_id", "=", invoiceId)
    .where("kind", "=", "mail")
    .where("target", "=", to)
    .where("state", "=", "accepted")
    .executeTakeFirstOrThrow();
  return Number(row.sent);
}

/** Makes parked mail due, of one address or of all. Gives how many rows; the caller audits it. */
export async function releaseMails(trx: Db, to: string | null, now: Instant): Promise<number> {
  let parked = trx
    .updateTable("outbox")
    .set({ parked_at: null, state: "queued", due_at: now, attempts: 0, updated_at: now })
    .where("parked_at", "is not", null)
    .where("done_at", "is", null)
    .where("kind", "=", "mail")
    .where("what", "!=", "sign_in");
  if (to !== null) parked = parked.where(sql`lower(target)`, "=", to.toLowerCase());
  return (await parked.returning("id").execute()).length;
}

/** The kinds of mail that a person does not want. */
export async function stoppedKinds(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("mail_stops")
    .select("kind")
    .where("user_id", "=", userId)
    .orderBy("kind")
    .limit(100)
    .execute();
  return rows.map(({ kind }) => kind);
}

export async function insertStop(
  trx: Db,
  stop: { user_id: string; kind: string; stopped_at: Instant },
): Promise<void> {
  await trx
    .insertInto("mail_stops")
    .values(stop)
    .onConflict((on) => on.doNothing())
    .execute();
}

export async function deleteStop(trx: Db, stop: { user_id: string; kind: string }): Promise<void> {
  const stops = trx.deleteFrom("mail_stops").where("user_id", "=", stop.user_id);
  await stops.where("kind", "=", stop.kind).execute();
}

/** A person's name, and the names of the companies whose mail they get; undefined for nobody. */
export async function findPerson(db: Db, userId: string) {
  const user = await db
    .selectFrom("user")
    .select("name")
    .where("id", "=", userId)
    .executeTakeFirst();
  if (!user) return undefined;
  const companies = await db
    .selectFrom("member")
    .innerJoin("organization", "organization.id", "member.organizationId")
    .select("organization.name")
    .where("member.userId", "=", userId)
    .orderBy("organization.name")
    .limit(5)
    .execute();
  const company = companies.map(({ name }) => name).join(", ");
  return { name: user.name, company: company === "" ? null : company };
}

/** Who may still be told, read just before sending: rights may have ended since the event. */
export async function findRecipient(db: Db, userId: string, customerId: string | null) {
  const user = await db
    .selectFrom("user")
    .select(["id", "staffRole"])
    .where("id", "=", userId)
    .executeTakeFirst();
  if (!user) return undefined;
  const member = await db
    .selectFrom("member")
    .select("id")
    .where("userId", "=", userId)
    .where("organizationId", "=", customerId ?? "")
    .executeTakeFirst();
  return { isStaff: user.staffRole !== null, isMember: member !== undefined };
}

export async function insertCaughtMail(
  trx: Db,
  mail: { caught_at: Instant; recipient: string; subject: string; raw: Uint8Array },
): Promise<void> {
  await trx.insertInto("caught_mails").values(mail).execute();
}

/** What the development transport caught, newest first. */
export function listCaughtMails(db: Db, limit = 200) {
  const mails = db.selectFrom("caught_mails").select(["id", "caught_at", "recipient", "subject"]);
  return mails.orderBy("id", "desc").limit(limit).execute();
}

export function findCaughtMail(db: Db, id: number) {
  return db.selectFrom("caught_mails").selectAll().where("id", "=", id).executeTakeFirst();
}
