import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Closed disputes are read from the last closed on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `create index disputes_closed on disputes (closed_at, id) where closed_at is not null`,
  ]);
}
