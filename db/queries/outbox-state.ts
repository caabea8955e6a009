import type { Db } from "#db/connect.ts";

/** How much work the outbox still has, one row a kind; both kinds always, so that zero shows as zero. */
export async function outboxState(db: Db) {
  const rows = await db
    .selectFrom("outbox")
    .select((row) => [
      "kind",
      row.fn.countAll<number>().as("unfinished"),
      row.fn.count<number>("parked_at").as("parked"),
      row.fn.min("created_at").as("oldestCreatedAt"),
    ])
    .where("done_at", "is", null)
    .groupBy("kind")
    .execute();
  return ["mail", "writeback"].map((kind) => {
    const row = rows.find((found) => found.kind === kind);
    const { unfinished = 0, parked = 0, oldestCreatedAt = null } = row ?? {};
    return { kind, waiting: unfinished - parked, parked, oldestCreatedAt };
  });
}
