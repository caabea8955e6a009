import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Which records came or went is asked whenever a page connects; disputes are read by last change. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `create index events_links on events (sequence)
      where type in ('record.linked', 'record.unlinked')`,
    `create index disputes_customer_sequence on disputes (customer_id, sequence)`,
  ]);
}
