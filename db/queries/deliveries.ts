import type { CompiledQuery } from "kysely";
import { compiled, compileOnce, type Kept, run } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import type { DeliveryRow } from "#db/schema/deliveries.ts";

/** A delivery as it is first written; due at once unless it is dead. */
export type NewDelivery = Pick<
  DeliveryRow,
  | "connection_id"
  | "dedupe_key"
  | "method"
  | "path"
  | "headers"
  | "body"
  | "received_at"
  | "due_at"
  | "dead_at"
  | "error"
  | "origin"
>;

const columns = [
  "connection_id",
  "dedupe_key",
  "method",
  "path",
  "headers",
  "body",
  "received_at",
  "due_at",
  "dead_at",
  "error",
  "origin",
] as const satisfies (keyof NewDelivery)[];

const insertions = new Map<number, Kept>();
/** Rows written by one statement, largest first: PostgreSQL is waited for each time, SQLite is not. */
const sizes = { postgres: [64, 16, 4, 1], sqlite: [1] };

/** Writes deliveries, apart from those whose connection had the same key before. Gives how many are new. */
export async function insertDeliveries(db: Db, rows: NewDelivery[]): Promise<number> {
  const usual = isPostgres(db) ? sizes.postgres : sizes.sqlite;
  let added = 0;
  for (let start = 0; start < rows.length;) {
    const size = usual.find((many) => many <= rows.length - start) ?? 1;
    const parameters: unknown[] = [];
    for (const row of rows.slice(start, start + size)) {
      for (const column of columns) parameters.push(row[column]);
    }
    added += await run(db, { ...insertionOf(db, size), parameters });
    start += size;
  }
  return added;
}

/** The statement for so many rows. */
function insertionOf(db: Db, size: number): CompiledQuery {
  const kept = insertions.get(size) ?? {};
  insertions.set(size, kept);
  return compileOnce(kept, db, () => {
    const empty = Object.fromEntries(columns.map((column) => [column, ""]));
    return db
      .insertInto("deliveries")
      .columns(columns)
      .values(Array.from({ length: size }, () => empty as never))
      .onConflict((conflict) => conflict.columns(["connection_id", "dedupe_key"]).doNothing());
  });
}

const ofDue = [
  "id",
  "connection_id",
  "method",
  "path",
  "headers",
  "body",
  "received_at",
  "origin",
  "attempts",
] as const satisfies (keyof DeliveryRow)[];

/** What processing asks of a delivery. */
export type DueDelivery = Pick<DeliveryRow, (typeof ofDue)[number]>;

/** Due deliveries in the order in which they came due: the order of arrival, apart from retries. */
export const dueDeliveries = compiled<{ now: string; limit: number }, DueDelivery>((db, value) =>
  db
    .selectFrom("deliveries")
    .select(ofDue)
    .where("due_at", "<=", value("now"))
    .orderBy("due_at")
    .orderBy("id")
    .limit(value("limit")),
);

/**
 * Which of these are due still: of several processes on one database another may have taken them up
 * since they were read. SQLite has one process.
 */
export async function stillDue(trx: Db, ids: number[], now: string): Promise<Set<number>> {
  if (!isPostgres(trx)) return new Set(ids);
  const due = await trx
    .selectFrom("deliveries")
    .select("id")
    .where("id", "in", ids)
    .where("due_at", "<=", now)
    .execute();
  return new Set(due.map(({ id }) => id));
}

/** Moves deliveries ahead while their system is asked: one whose process dies comes due again by itself. */
export async function holdDeliveries(db: Db, ids: number[], until: string): Promise<void> {
  await db.updateTable("deliveries").set({ due_at: until }).where("id", "in", ids).execute();
}

/** It is in the ledger. */
export const markProcessed = compiled<
  { id: number; at: string; first: number | null; last: number | null },
  unknown
>((db, value) =>
  db
    .updateTable("deliveries")
    .set({ processed_at: value("at"), due_at: null, dead_at: null, error: null })
    .set((row) => ({
      attempts: row("attempts", "+", 1),
      first_sequence: row.fn.coalesce("first_sequence", row.val(value("first"))),
      last_sequence: row.fn.coalesce(row.val(value("last")), "last_sequence"),
    }))
    .where("id", "=", value("id")),
);

/** Another delivery brought the invoice that this one's event had been waiting for. */
export async function noteSequences(trx: Db, id: number, sequence: number): Promise<void> {
  await trx
    .updateTable("deliveries")
    .set((row) => ({
      first_sequence: row.fn.coalesce("first_sequence", row.val(sequence)),
      last_sequence: sequence,
    }))
    .where("id", "=", id)
    .execute();
}

interface Failed {
  id: number;
  error: string;
  attempts: number;
  dueAt: string | null;
  deadAt: string | null;
}

/** It failed: `dueAt` says when it is tried again, `deadAt` that it is not. */
export async function markFailed(
  db: Db,
  { id, error, attempts, dueAt, deadAt }: Failed,
): Promise<void> {
  await db
    .updateTable("deliveries")
    .set({ error, attempts, due_at: dueAt, dead_at: deadAt })
    .where("id", "=", id)
    .execute();
}

/** A part of it is in the ledger, the rest waits for a person: dead, with what it caused. */
export async function markStranded(
  db: Db,
  { id, at, error, first, last }: { id: number; at: string; error: string } & Sequences,
): Promise<void> {
  await db
    .updateTable("deliveries")
    .set({ error, due_at: null, dead_at: at })
    .set((row) => ({
      attempts: row("attempts", "+", 1),
      first_sequence: row.fn.coalesce("first_sequence", row.val(first)),
      last_sequence: row.fn.coalesce(row.val(last), "last_sequence"),
    }))
    .where("id", "=", id)
    .execute();
}

interface Sequences {
  first: number | null;
  last: number | null;
}

/** Makes a delivery due again as a replay. False when there is none of this id. */
export async function markReplayed(db: Db, id: number, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("deliveries")
    .set({
      due_at: now,
      dead_at: null,
      dismissed_at: null,
      processed_at: null,
      attempts: 0,
      origin: "replay",
    })
    .where("id", "=", id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Takes dead deliveries off everybody's mind: one, or all of a connection, "" for any. Gives their ids in order. */
export async function dismissDead(
  db: Db,
  which: { id: number } | { connection: string },
  now: string,
): Promise<number[]> {
  let dead = db
    .updateTable("deliveries")
    .set({ dismissed_at: now })
    .where("dead_at", "is not", null)
    .where("dismissed_at", "is", null);
  if ("id" in which) dead = dead.where("id", "=", which.id);
  else if (which.connection !== "") dead = dead.where("connection_id", "=", which.connection);
  const rows = await dead.returning("id").execute();
  return rows.map(({ id }) => id).sort((a, b) => a - b);
}

/** Processed and dead ones received before `before`; at most `limit` at a time. Gives how many. */
export async function deleteOldDeliveries(db: Db, before: string, limit: number): Promise<number> {
  const old = db
    .selectFrom("deliveries")
    .select("id")
    .where("received_at", "<", before)
    .where("due_at", "is", null)
    .orderBy("id")
    .limit(limit);
  const { numDeletedRows } = await db
    .deleteFrom("deliveries")
    .where("id", "in", old)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** How much waits for processing, since when, and how much is parked as dead. */
export async function queueState(db: Db) {
  const waiting = await db
    .selectFrom("deliveries")
    .select((row) => [
      row.fn.countAll<number>().as("count"),
      row.fn.min("received_at").as("oldest"),
    ])
    .where("due_at", "is not", null)
    .executeTakeFirstOrThrow();
  const { dead } = await db
    .selectFrom("deliveries")
    .select((row) => row.fn.countAll<number>().as("dead"))
    .where("dead_at", "is not", null)
    .where("dismissed_at", "is", null)
    .executeTakeFirstOrThrow();
  return { waiting: waiting.count, oldestReceivedAt: waiting.oldest, dead };
}
