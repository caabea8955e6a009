import type { Insertable } from "kysely";
import type { Db } from "#db/connect.ts";
import type { RefusedTable } from "#db/schema/deliveries.ts";

const samplesKept = 50;

/** Keeps what was refused to show an administrator what is wrong: the last 50 of a connection. */
export async function keepRefused(
  db: Db,
  connection: string,
  samples: Insertable<RefusedTable>[],
): Promise<void> {
  await db.insertInto("refused").values(samples).execute();
  const oldestKept = db
    .selectFrom("refused")
    .select("id")
    .where("connection_id", "=", connection)
    .orderBy("id", "desc")
    .offset(samplesKept - 1)
    .limit(1);
  await db
    .deleteFrom("refused")
    .where("connection_id", "=", connection)
    .where("id", "<", oldestKept)
    .execute();
}

/** The newest first. */
export function refusedOf(db: Db, connection: string) {
  return db
    .selectFrom("refused")
    .selectAll()
    .where("connection_id", "=", connection)
    .orderBy("id", "desc")
    .limit(samplesKept)
    .execute();
}
