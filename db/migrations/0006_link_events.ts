import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Which customers got or lost invoices since a page was loaded is asked whenever it connects. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `create index events_links on events (sequence)
      where type in ('record.linked', 'record.unlinked')`,
  ]);
}
