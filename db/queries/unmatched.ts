import type { Db } from "#db/connect.ts";

/** Changes that wait for their invoice, newest first; the change itself is JSON. */
export function listUnmatched(db: Db, page: { before?: number | undefined; limit: number }) {
  let query = db.selectFrom("unmatched").where("matched_at", "is", null);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  return query.selectAll().orderBy("id", "desc").limit(page.limit).execute();
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
