import type { Db } from "#db/connect.ts";

/** Forgets changes whose invoice did not appear in time. */
export async function deleteExpiredUnmatched(db: Db, now: string): Promise<void> {
  await db
    .deleteFrom("unmatched")
    .where("expires_at", "<=", now)
    .where("matched_at", "is", null)
    .execute();
}
