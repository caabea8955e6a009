import { z } from "zod";
import type { Db } from "#db/connect.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import type { Instant } from "#domain/time.ts";

export const OutboxView = z.enum(["latest", "person", "waiting", "delivered", "mail", "writeback"]);
export type OutboxView = z.infer<typeof OutboxView>;

interface OutboxPage {
  view: OutboxView;
  /** Start of the business day, for `delivered`. */
  dayStart: Instant;
  before?: { createdAt: Instant; id: string } | undefined;
  limit: number;
}

/** Rows of a view, newest first. */
export function listOutbox(db: Db, { view, dayStart, before, limit }: OutboxPage) {
  let query = inView(db, view, dayStart);
  if (before) {
    query = query.where((row) =>
      row.or([
        row("created_at", "<", before.createdAt),
        row.and([row("created_at", "=", before.createdAt), row("id", "<", before.id)]),
      ]),
    );
  }
  return query
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

function inView(db: Db, view: OutboxView, dayStart: Instant) {
  const all = db.selectFrom("outbox");
  switch (view) {
    case "latest":
      return all;
    case "person":
      return all.where("parked_at", "is not", null).where("done_at", "is", null);
    case "waiting":
      return all.where("done_at", "is", null).where("parked_at", "is", null);
    case "delivered":
      return all.where("done_at", ">=", dayStart).where("state", "in", ["accepted", "read_back"]);
    case "mail":
    case "writeback":
      return all.where("kind", "=", view);
  }
}

/** How many rows need a person, wait, and were delivered since the start of the day. */
export async function outboxCounts(db: Db, dayStart: Instant) {
  const count = async (view: OutboxView) => {
    const query = inView(db, view, dayStart);
    const row = await query.select((of) => of.fn.countAll<number>().as("count")).executeTakeFirst();
    return row?.count ?? 0;
  };
  const [person, waiting, delivered] = await Promise.all([
    count("person"),
    count("waiting"),
    count("delivered"),
  ]);
  return { person, waiting, delivered };
}

/** One row by id. */
export function findOutbox(db: Db, id: string): Promise<OutboxRow | undefined> {
  return db.selectFrom("outbox").where("id", "=", id).selectAll().executeTakeFirst();
}

/** Every attempt of a row, first to last. */
export function attemptsOf(db: Db, outboxId: string) {
  return db
    .selectFrom("outbox_attempts")
    .where("outbox_id", "=", outboxId)
    .selectAll()
    .orderBy("id")
    .limit(500)
    .execute();
}

/** What was sent on because of events, at most 100 rows, oldest first. */
export function sentOnFor(db: Db, sequences: number[]): Promise<OutboxRow[]> {
  if (sequences.length === 0) return Promise.resolve([]);
  return db
    .selectFrom("outbox")
    .where("sequence", "in", sequences)
    .selectAll()
    .orderBy("created_at")
    .orderBy("id")
    .limit(100)
    .execute();
}

/** The first unfinished row that a row waits for, if any: rows of one key go one after the other. */
export function blockerOf(db: Db, row: OutboxRow) {
  return db
    .selectFrom("outbox")
    .where("order_key", "=", row.order_key)
    .where("done_at", "is", null)
    .where("created_at", "<", row.created_at)
    .select(["id", "parked_at"])
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
}

/** Rows for the API by creation, optionally of one kind or state. */
export function outboxAfter(
  db: Db,
  filter: {
    kind?: string | undefined;
    state?: string | undefined;
    after?: { createdAt: Instant; id: string } | undefined;
    limit: number;
  },
) {
  let query = db.selectFrom("outbox");
  if (filter.kind) query = query.where("kind", "=", filter.kind);
  if (filter.state) query = query.where("state", "=", filter.state);
  const { after } = filter;
  if (after) {
    query = query.where((row) =>
      row.or([
        row("created_at", ">", after.createdAt),
        row.and([row("created_at", "=", after.createdAt), row("id", ">", after.id)]),
      ]),
    );
  }
  return query.selectAll().orderBy("created_at").orderBy("id").limit(filter.limit).execute();
}
