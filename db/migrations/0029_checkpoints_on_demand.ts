import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Checkpoints are made for who downloads a proof, too: the daily one counts from the last daily one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [`alter table checkpoints add column on_demand_at text`]);
}
