import type { ExpressionBuilder } from "kysely";
import type { Db } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import type { NewOutboxRow, OutboxRow } from "#db/schema/outbox.ts";
import type { Schema } from "#db/schema.ts";
import type { Instant } from "#domain/time.ts";

export type OutboxKind = "mail" | "writeback";

interface Lease {
  kind: OutboxKind;
  /** One connection; missing: any. */
  target?: string;
  now: Instant;
  /** The row comes due again then by itself, should its worker die. */
  until: Instant;
  limit: number;
  /** Rows that are left alone, due or not. */
  except?: string[];
}

/** Leases due rows whose turn it is, oldest first, by moving `due_at` ahead and counting the attempt. */
export function leaseDue(
  trx: Db,
  { kind, target, now, until, limit, except = [] }: Lease,
): Promise<OutboxRow[]> {
  let due = trx
    .selectFrom("outbox")
    .select("outbox.id")
    .where("outbox.kind", "=", kind)
    .where("outbox.done_at", "is", null)
    .where("outbox.parked_at", "is", null)
    .where("outbox.due_at", "<=", now)
    .where(isNext);
  if (except.length > 0) due = due.where("outbox.id", "not in", except);
  if (target !== undefined) due = due.where("outbox.target", "=", target);
  const first = due.orderBy("outbox.due_at").limit(limit);
  return trx
    .updateTable("outbox")
    .set((row) => ({ due_at: until, attempts: row("attempts", "+", 1), updated_at: now }))
    .where("id", "in", isPostgres(trx) ? first.forUpdate().skipLocked() : first)
    .returningAll()
    .execute();
}

/** No earlier row of the same key is unfinished. A parked write-back is unfinished, a parked mail is not. */
export function isNext(row: ExpressionBuilder<Schema, "outbox">) {
  const earlier = row
    .selectFrom("outbox as earlier")
    .select("earlier.id")
    .whereRef("earlier.order_key", "=", "outbox.order_key")
    .where("earlier.done_at", "is", null)
    .where((eb) =>
      eb.or([eb("earlier.kind", "=", "writeback"), eb("earlier.parked_at", "is", null)]),
    )
    .where((eb) =>
      eb.or([
        eb("earlier.sequence", "<", eb.ref("outbox.sequence")),
        eb.and([
          eb("earlier.sequence", "=", eb.ref("outbox.sequence")),
          eb("earlier.id", "<", eb.ref("outbox.id")),
        ]),
      ]),
    );
  return row.not(row.exists(earlier));
}

/** Whether there is mail to send, and which connections have something due: at most 1,000. */
export async function dueLanes(db: Db, now: Instant) {
  const due = db
    .selectFrom("outbox")
    .where("done_at", "is", null)
    .where("parked_at", "is", null)
    .where("due_at", "<=", now);
  const mail = await due.select("id").where("kind", "=", "mail").limit(1).execute();
  const targets = await due
    .select("target")
    .distinct()
    .where("kind", "=", "writeback")
    .limit(1000)
    .execute();
  return { mail: mail.length > 0, connections: targets.map(({ target }) => target) };
}

/** Writes rows whose `once_key` is new; the others were written before. Gives how many are new. */
export async function insertOutbox(trx: Db, rows: NewOutboxRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const written = await trx
    .insertInto("outbox")
    .values(rows)
    .onConflict((conflict) => conflict.column("once_key").doNothing())
    .returning("id")
    .execute();
  return written.length;
}

/** Writes a row, in place of one of its `once_key` that was not tried yet. */
export async function replaceWaiting(db: Db, row: NewOutboxRow): Promise<void> {
  await db
    .insertInto("outbox")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column("once_key")
        .doUpdateSet({ payload: row.payload, updated_at: row.updated_at })
        .where("outbox.attempts", "=", 0)
        .where("outbox.done_at", "is", null),
    )
    .execute();
}

export type OutboxChange = Partial<
  Pick<
    OutboxRow,
    | "state"
    | "due_at"
    | "done_at"
    | "parked_at"
    | "receipt"
    | "last_answer"
    | "payload"
    | "attempts"
  >
>;

/**
 * Writes the result of an attempt. False when the row is no longer ours: its lease ran out and
 * another attempt began, or a person skipped it meanwhile.
 */
export async function settleOutbox(
  trx: Db,
  row: Pick<OutboxRow, "id" | "attempts">,
  change: OutboxChange & { updated_at: Instant },
): Promise<boolean> {
  const settled = await trx
    .updateTable("outbox")
    .set(change)
    .where("id", "=", row.id)
    .where("attempts", "=", row.attempts)
    .where("done_at", "is", null)
    .returning("id")
    .execute();
  return settled.length === 1;
}

interface Attempt {
  outbox_id: string;
  at: Instant;
  outcome: string;
  answer: string;
  duration_ms: number;
}

export async function insertAttempt(trx: Db, attempt: Attempt): Promise<void> {
  await trx.insertInto("outbox_attempts").values(attempt).execute();
}
