import type { Db } from "#db/connect.ts";
import type { MissingInvoice } from "#db/schema/deliveries.ts";
import type { Instant } from "#domain/time.ts";

type Place = Pick<MissingInvoice, "connection_id" | "name">;

/** Whether a system answered once that it does not have an invoice. */
export async function isMissing(db: Db, place: Place): Promise<boolean> {
  const rows = db.selectFrom("missing_invoices").select("first_at");
  const row = await rows
    .where("connection_id", "=", place.connection_id)
    .where("name", "=", place.name)
    .executeTakeFirst();
  return row !== undefined;
}

/** Keeps the first answer; a later one changes nothing. */
export async function noteMissing(trx: Db, missing: MissingInvoice): Promise<void> {
  await trx
    .insertInto("missing_invoices")
    .values(missing)
    .onConflict((conflict) => conflict.columns(["connection_id", "name"]).doNothing())
    .execute();
}

/** It was found again, or the second answer was recorded. */
export async function forgetMissing(trx: Db, place: Place): Promise<void> {
  await trx
    .deleteFrom("missing_invoices")
    .where("connection_id", "=", place.connection_id)
    .where("name", "=", place.name)
    .execute();
}

/** Those whose second look is due, the longest waiting first. */
export function listMissingDue(db: Db, now: Instant, limit: number): Promise<MissingInvoice[]> {
  const due = db.selectFrom("missing_invoices").selectAll().where("due_at", "<=", now);
  return due.orderBy("due_at").orderBy("name").limit(limit).execute();
}

/** Puts the second look off. */
export async function delayMissing(trx: Db, place: Place, dueAt: Instant): Promise<void> {
  await trx
    .updateTable("missing_invoices")
    .set({ due_at: dueAt })
    .where("connection_id", "=", place.connection_id)
    .where("name", "=", place.name)
    .execute();
}
