import type { Db } from "#db/connect.ts";

/** Changes that wait for their invoice, newest first; the change itself is JSON. */
export function listUnmatched(db: Db, page: { before?: number | undefined; limit: number }) {
  let query = db.selectFrom("unmatched").where("matched_at", "is", null);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  return query.selectAll().orderBy("id", "desc").limit(page.limit).execute();
}

/** One that waits still. */
export function findUnmatched(db: Db, id: number) {
  const waits = db.selectFrom("unmatched").where("id", "=", id).where("matched_at", "is", null);
  return waits.selectAll().executeTakeFirst();
}

export async function giveUpUnmatched(trx: Db, id: number): Promise<void> {
  await trx.deleteFrom("unmatched").where("id", "=", id).execute();
}

/** The invoices of a number, or the one of an id: two at most, which is one too many. */
export async function invoicesCalled(db: Db, called: string): Promise<string[]> {
  const rows = await db
    .selectFrom("invoices")
    .select("id")
    .where((row) => row.or([row("number_key", "=", called.toUpperCase()), row("id", "=", called)]))
    .limit(2)
    .execute();
  return rows.map(({ id }) => id);
}

/** How many changes wait for their invoice. */
export async function countUnmatched(db: Db): Promise<number> {
  const row = await waiting(db).executeTakeFirst();
  return row?.count ?? 0;
}

/** How many changes of one delivery wait for their invoice. */
export async function countWaiting(db: Db, delivery: number): Promise<number> {
  const row = await waiting(db).where("delivery_id", "=", delivery).executeTakeFirst();
  return row?.count ?? 0;
}

function waiting(db: Db) {
  return db
    .selectFrom("unmatched")
    .where("matched_at", "is", null)
    .select((of) => of.fn.countAll<number>().as("count"));
}
