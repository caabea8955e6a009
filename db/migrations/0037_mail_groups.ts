import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Mails that waited for one person go out as one, and stay one over every attempt. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `alter table outbox add column mail_group text`,
    `create index outbox_target on outbox (target, updated_at)`,
  ]);
}
