import type { Insertable, Updateable } from "kysely";
import type { Db } from "#db/connect.ts";
import type { ConnectionRow, ConnectionTable } from "#db/schema/connections.ts";

/** Every connection, by id; a deployment has a handful. */
export function listConnections(db: Db): Promise<ConnectionRow[]> {
  return db.selectFrom("connections").selectAll().orderBy("id").limit(1000).execute();
}

export async function insertConnection(db: Db, row: Insertable<ConnectionTable>): Promise<void> {
  await db.insertInto("connections").values(row).execute();
}

export async function updateConnection(
  db: Db,
  id: string,
  values: Updateable<ConnectionTable>,
): Promise<void> {
  await db.updateTable("connections").set(values).where("id", "=", id).execute();
}

/** Forgets a connection with its settings and secrets, and how far it was read. */
export async function deleteConnection(db: Db, id: string): Promise<void> {
  await db.deleteFrom("reconcile_cursors").where("connection_id", "=", id).execute();
  await db.deleteFrom("connections").where("id", "=", id).execute();
}

/** An organisation heard something through its app. */
export async function noteDelivery(db: Db, id: string, at: string): Promise<void> {
  await db
    .updateTable("connections")
    .set((row) => ({ last_delivery_at: at, delivered: row("delivered", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** The highest number that an app gave what it sent; null when it gave none yet. */
export async function lastSequence(db: Db, app: string): Promise<number | null> {
  const row = await db
    .selectFrom("connections")
    .select("last_sequence")
    .where("id", "=", app)
    .executeTakeFirst();
  return row?.last_sequence ?? null;
}

/** Whether a connection has ever sent a delivery, be it through its app. */
export async function everDelivered(db: Db, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("connections")
    .select("last_delivery_at")
    .where("id", "=", id)
    .executeTakeFirst();
  return row !== undefined && row.last_delivery_at !== null;
}
