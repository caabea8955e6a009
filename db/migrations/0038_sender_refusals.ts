import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/**
 * RFC 3463: x.1.0 may be about the sender, x.1.7 to x.1.9 are: no recipient is silenced by them. Mail that
 * was parked meanwhile stays where finance sees it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `delete from mail_suppressions where answer like '___ 5.1.0 %' or answer like '___ 5.1.7 %'
      or answer like '___ 5.1.8 %' or answer like '___ 5.1.9 %'`,
  ]);
}
