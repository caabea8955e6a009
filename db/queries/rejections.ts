import type { Db } from "#db/connect.ts";
import type { Instant } from "#domain/time.ts";

interface Noted {
  connection: string;
  /** The delivery that it was in. */
  delivery?: number;
  /** The reconciliation that read it. */
  run?: string;
  at: Instant;
  rejected: readonly { element: string; reason: string }[];
}

/**
 * Keeps what could not be used until somebody dismisses it or its delivery is replayed. The same element
 * of a connection is kept once: the newest rejection replaces an older one.
 */
export async function noteRejections(db: Db, { connection, at, ...noted }: Noted): Promise<void> {
  for (const { element, reason } of noted.rejected) {
    const row = {
      connection_id: connection,
      delivery_id: noted.delivery ?? null,
      run_id: noted.run ?? null,
      ...{ element, reason },
      rejected_at: at,
      dismissed_at: null,
    };
    await db
      .deleteFrom("rejections")
      .where("connection_id", "=", connection)
      .where("element", "=", row.element)
      .where("dismissed_at", "is", null)
      .execute();
    await db.insertInto("rejections").values(row).execute();
  }
}

/** Forgets what was rejected of a delivery: it is parsed anew. */
export async function forgetRejections(db: Db, delivery: number): Promise<void> {
  await db.deleteFrom("rejections").where("delivery_id", "=", delivery).execute();
}

/** How many elements wait for a person, by connection. */
export async function openRejections(db: Db): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("rejections")
    .where("dismissed_at", "is", null)
    .select((of) => ["connection_id", of.fn.countAll<number>().as("count")])
    .groupBy("connection_id")
    .execute();
  return new Map(rows.map(({ connection_id, count }) => [connection_id, count]));
}

/** The newest elements of a connection that wait for a person. */
export function rejectionsOf(db: Db, connection: string, limit: number) {
  return db
    .selectFrom("rejections")
    .selectAll()
    .where("connection_id", "=", connection)
    .where("dismissed_at", "is", null)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** What was rejected of a delivery, dismissed or not. */
export function rejectionsIn(db: Db, delivery: number) {
  return db
    .selectFrom("rejections")
    .select(["element", "reason"])
    .where("delivery_id", "=", delivery)
    .orderBy("id")
    .limit(100)
    .execute();
}

/** A person has seen what was rejected until now. */
export async function dismissRejections(db: Db, connection: string, now: Instant): Promise<void> {
  await db
    .updateTable("rejections")
    .set({ dismissed_at: now })
    .where("connection_id", "=", connection)
    .where("dismissed_at", "is", null)
    .execute();
}

/** Forgets what was rejected before a moment. */
export async function deleteOldRejections(db: Db, before: Instant): Promise<void> {
  await db.deleteFrom("rejections").where("rejected_at", "<", before).execute();
}
