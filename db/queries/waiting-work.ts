import type { Db } from "#db/connect.ts";
import { type Instant, plusMs } from "#domain/time.ts";

/** No lease lasts longer: what is due after that waits for a retry and is in nobody's hands. */
const longestLeaseMs = 5 * 60_000;

/** Makes due what failed while organisations of an app could not be reached: deliveries and write-backs. */
export async function wakeWaiting(
  db: Db,
  { app, organisations, now }: { app: string; organisations: string[]; now: Instant },
): Promise<void> {
  await db
    .updateTable("deliveries")
    .set({ due_at: now })
    .where("connection_id", "=", app)
    .where("due_at", ">", now)
    .where("error", "is not", null)
    .execute();
  if (organisations.length === 0) return;
  await db
    .updateTable("outbox")
    .set({ due_at: now })
    .where("kind", "=", "writeback")
    .where("target", "in", organisations)
    .where("done_at", "is", null)
    .where("parked_at", "is", null)
    .where("due_at", ">", plusMs(now, longestLeaseMs))
    .execute();
}
