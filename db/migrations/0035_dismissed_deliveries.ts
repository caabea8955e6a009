import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** A dead delivery that somebody looked at and that asks for nobody any more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [`alter table deliveries add column dismissed_at text`]);
}
