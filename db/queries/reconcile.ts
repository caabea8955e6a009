import type { Insertable, Updateable } from "kysely";
import type { Db } from "#db/connect.ts";
import type {
  ReconcileCursorRow,
  ReconcileCursorTable,
  ReconcileRunRow,
  ReconcileRunTable,
} from "#db/schema/connections.ts";
import type { Instant } from "#domain/time.ts";

/** Makes sure that a connection has a place to go on from; one that has is left as it is. */
export async function ensureCursor(
  db: Db,
  row: Pick<ReconcileCursorRow, "connection_id" | "since" | "due_at">,
): Promise<void> {
  await db
    .insertInto("reconcile_cursors")
    .values({ ...row, cursor: null, run_id: null, passes: 0, leased_until: null })
    .onConflict((conflict) => conflict.column("connection_id").doNothing())
    .execute();
}

interface Lease {
  connection: string;
  now: Instant;
  until: Instant;
  /** Whether it is read although its time has not come. */
  anyTime: boolean;
}

/** Takes the right to read a connection. Undefined while another has it, or before its time. */
export function leaseCursor(
  db: Db,
  { connection, now, until, anyTime }: Lease,
): Promise<ReconcileCursorRow | undefined> {
  let query = db
    .updateTable("reconcile_cursors")
    .set({ leased_until: until })
    .where("connection_id", "=", connection)
    .where((row) => row.or([row("leased_until", "is", null), row("leased_until", "<=", now)]));
  if (!anyTime) query = query.where("due_at", "<=", now);
  return query.returningAll().executeTakeFirst();
}

export async function updateCursor(
  db: Db,
  connection: string,
  values: Updateable<ReconcileCursorTable>,
): Promise<void> {
  await db
    .updateTable("reconcile_cursors")
    .set(values)
    .where("connection_id", "=", connection)
    .execute();
}

/** Lets all organisations of an app be read at the next occasion. */
export async function reconcileSoon(db: Db, app: string, now: Instant): Promise<void> {
  const organisations = db.selectFrom("connections").select("id").where("app", "=", app);
  await db
    .updateTable("reconcile_cursors")
    .set({ due_at: now })
    .where("connection_id", "in", organisations)
    .where("due_at", ">", now)
    .execute();
}

export async function insertRun(db: Db, row: Insertable<ReconcileRunTable>): Promise<void> {
  await db.insertInto("reconcile_runs").values(row).execute();
}

export async function updateRun(
  db: Db,
  id: string,
  values: Updateable<ReconcileRunTable>,
): Promise<void> {
  await db.updateTable("reconcile_runs").set(values).where("id", "=", id).execute();
}

type RunCounts = Pick<ReconcileRunRow, "read" | "differed" | "rejected">;

/** Adds to what a run read, found different or passed over. */
export async function countRun(
  db: Db,
  id: string,
  { read = 0, differed = 0, rejected = 0 }: Partial<RunCounts>,
): Promise<void> {
  await db
    .updateTable("reconcile_runs")
    .set((row) => ({
      read: row("read", "+", read),
      differed: row("differed", "+", differed),
      rejected: row("rejected", "+", rejected),
    }))
    .where("id", "=", id)
    .execute();
}

export function findRun(db: Db, id: string): Promise<ReconcileRunRow | undefined> {
  return db.selectFrom("reconcile_runs").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The last runs of a connection, the newest first. */
export function lastRuns(db: Db, connection: string, limit: number): Promise<ReconcileRunRow[]> {
  return db
    .selectFrom("reconcile_runs")
    .selectAll()
    .where("connection_id", "=", connection)
    .orderBy("began_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** Forgets what ended runs did that began before a moment, but the last one of each connection. */
export async function deleteOldRuns(db: Db, before: Instant): Promise<void> {
  await db
    .deleteFrom("reconcile_runs")
    .where("began_at", "<", before)
    .where("ended_at", "is not", null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("reconcile_runs as later")
          .select("later.id")
          .whereRef("later.connection_id", "=", "reconcile_runs.connection_id")
          .whereRef("later.began_at", ">", "reconcile_runs.began_at"),
      ),
    )
    .execute();
}
