import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/**
 * An invitation keeps the name that its inviter gave, since only the invited person says their own; the
 * indexes count how many were sent of late.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `alter table "invitation" add column "name" text`,
    `create index "invitation_inviterId_idx" on "invitation" ("inviterId", "createdAt")`,
    `create index "invitation_sent_idx" on "invitation" ("organizationId", "createdAt")`,
  ]);
}
