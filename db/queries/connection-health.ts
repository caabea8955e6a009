import type { ExpressionBuilder } from "kysely";
import type { Db } from "#db/connect.ts";
import type { ConnectionRow, OAuthGrantRow as GrantRow } from "#db/schema/connections.ts";
import type { Schema } from "#db/schema.ts";
import type { Instant } from "#domain/time.ts";

export type ListedConnection = Omit<ConnectionRow, "secrets" | "last_sequence" | "versions_from"> &
  Pick<GrantRow, "broken_at" | "fault"> & { polled_at: string | null };

/** When a connection was last read to the end. */
function polledAt(row: ExpressionBuilder<Schema, "connections">) {
  return row
    .selectFrom("reconcile_runs")
    .whereRef("reconcile_runs.connection_id", "=", "connections.id")
    .select((run) => run.fn.max("reconcile_runs.ended_at").as("polled_at"));
}

/** Every connection without its secrets, by name; an organisation with what ended its access. */
export function listConnectionRows(db: Db): Promise<ListedConnection[]> {
  return db
    .selectFrom("connections")
    .leftJoin("oauth_grants as grant", "grant.id", "connections.grant_id")
    .select(["connections.id", "system", "name", "kind", "settings", "created_at", "paused_at"])
    .select(["from_file_at", "receives_disputes_at", "last_delivery_at"])
    .select(["delivered", "refused", "pinged", "connections.app", "account", "grant_id"])
    .select(["grant.broken_at", "grant.fault"])
    .select((row) => polledAt(row).as("polled_at"))
    .orderBy("name")
    .limit(500)
    .execute();
}

/** When a connection last delivered, and since when it is paused. */
export function findConnectionTimes(db: Db, id: string) {
  return db
    .selectFrom("connections")
    .where("id", "=", id)
    .select(["last_delivery_at", "paused_at"])
    .select((row) => polledAt(row).as("polled_at"))
    .executeTakeFirst();
}

/** When the last deliveries that a system itself sent came, newest first: its usual interval is told from them. */
export async function lastReceived(
  db: Db,
  connectionId: string,
  limit: number,
): Promise<Instant[]> {
  const rows = await db
    .selectFrom("deliveries")
    .where("connection_id", "=", connectionId)
    .where("origin", "=", "receive")
    .select("received_at")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => row.received_at);
}

/** Pauses between the last deliveries of a connection, ms, the longest first. */
export async function pausesOf(db: Db, connectionId: string): Promise<number[]> {
  const rows = await db
    .selectFrom("deliveries")
    .where("connection_id", "=", connectionId)
    .select("received_at")
    .orderBy("id", "desc")
    .limit(5000)
    .execute();
  const times = rows.map((row) => Date.parse(row.received_at));
  const pauses = times.slice(1).map((earlier, index) => (times[index] ?? earlier) - earlier);
  return pauses.sort((a, b) => b - a);
}

/** How many write-backs need a person, by connection. */
export async function parkedWriteBacks(db: Db): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("outbox")
    .where("kind", "=", "writeback")
    .where("parked_at", "is not", null)
    .where("done_at", "is", null)
    .select((of) => ["target", of.fn.countAll<number>().as("count")])
    .groupBy("target")
    .execute();
  return new Map(rows.map(({ target, count }) => [target, count]));
}

/** Why requests were refused since an instant, counted from the kept samples. */
export function refusals(db: Db, since: Instant) {
  return db
    .selectFrom("refused")
    .where("at", ">=", since)
    .select((of) => [
      "connection_id",
      "reason",
      of.fn.countAll<number>().as("count"),
      of.fn.max<string>("at").as("last_at"),
    ])
    .groupBy(["connection_id", "reason"])
    .orderBy("last_at", "desc")
    .limit(100)
    .execute();
}

/** How many deliveries of each connection are dead and nobody dismissed, and the newest of them. */
export async function deadByConnection(
  db: Db,
): Promise<Map<string, { count: number; newest: number }>> {
  const rows = await db
    .selectFrom("deliveries")
    .where("dead_at", "is not", null)
    .where("dismissed_at", "is", null)
    .select((of) => [
      "connection_id",
      of.fn.countAll<number>().as("count"),
      of.fn.max("id").as("newest"),
    ])
    .groupBy("connection_id")
    .execute();
  return new Map(rows.map(({ connection_id, ...dead }) => [connection_id, dead]));
}

/** The id of the last delivery that came of a connection; 0 where none did. */
export async function newestDelivery(db: Db, connectionId: string): Promise<number> {
  const row = await db
    .selectFrom("deliveries")
    .where("connection_id", "=", connectionId)
    .select((of) => of.fn.max<number | null>("id").as("id"))
    .executeTakeFirst();
  return row?.id ?? 0;
}
