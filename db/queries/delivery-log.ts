import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "#db/connect.ts";
import type { Instant } from "#domain/time.ts";

export const DeliveryState = z.enum(["waiting", "processed", "dead", "dismissed"]);
export type DeliveryState = z.infer<typeof DeliveryState>;

interface DeliveryFilter {
  connection?: string | undefined;
  state?: DeliveryState | undefined;
  /** Older than this id. */
  before?: number | undefined;
  limit: number;
}

/** Deliveries without their bodies, newest first. */
export function listDeliveries(db: Db, { connection, state, before, limit }: DeliveryFilter) {
  let query = db.selectFrom("deliveries");
  if (connection) query = query.where("connection_id", "=", connection);
  if (state === "waiting") query = query.where("due_at", "is not", null);
  if (state === "processed") query = query.where("processed_at", "is not", null);
  if (state === "dead" || state === "dismissed") {
    const dismissed = state === "dead" ? "is" : "is not";
    query = query.where("dead_at", "is not", null).where("dismissed_at", dismissed, null);
  }
  if (before !== undefined) query = query.where("id", "<", before);
  return query
    .select(["id", "connection_id", "method", "received_at", "attempts", "due_at", "origin"])
    .select(["processed_at", "dead_at", "dismissed_at", "error", "first_sequence"])
    .select("last_sequence")
    .select(sql<number>`length(body)`.as("bytes"))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** One delivery with its bytes. */
export function findDelivery(db: Db, id: number) {
  return db.selectFrom("deliveries").where("id", "=", id).selectAll().executeTakeFirst();
}

/** How many deliveries wait to be processed, and how many are dead and nobody dismissed. */
export async function deliveryCounts(db: Db) {
  const count = async (column: "due_at" | "dead_at") => {
    const all = db.selectFrom("deliveries").where(column, "is not", null);
    const query = column === "due_at" ? all : all.where("dismissed_at", "is", null);
    const row = await query.select((of) => of.fn.countAll<number>().as("count")).executeTakeFirst();
    return row?.count ?? 0;
  };
  return { waiting: await count("due_at"), dead: await count("dead_at") };
}

/**
 * The first delivery id received at or after an instant. Ids count up in the order of arrival, so a
 * search by halves reads some twenty rows and needs no index on the time.
 */
export async function firstIdSince(db: Db, since: Instant): Promise<number> {
  const newest = await db
    .selectFrom("deliveries")
    .select("id")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  let low = 1;
  let high = (newest?.id ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await db
      .selectFrom("deliveries")
      .where("id", ">=", middle)
      .select(["id", "received_at"])
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
    if (row && row.received_at < since) low = row.id + 1;
    else high = middle;
  }
  return low;
}

/** Deliveries per connection and hour (`YYYY-MM-DDTHH`, UTC) since an instant. */
export async function deliveriesByHour(db: Db, since: Instant) {
  const hour = sql<string>`substr(received_at, 1, 13)`;
  return db
    .selectFrom("deliveries")
    .where("id", ">=", await firstIdSince(db, since))
    .select((of) => ["connection_id", hour.as("hour"), of.fn.countAll<number>().as("count")])
    .groupBy(["connection_id", hour])
    .execute();
}
