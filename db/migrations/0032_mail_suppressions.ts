import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/**
 * Addresses that refuse mail have rows of their own. Of the mails that were parked before, only the replies
 * about an address (RFC 3463, x.1.x and 5.2.1) speak of one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `create table mail_suppressions (
      address text primary key, refused_at text not null, answer text not null)`,
    `insert into mail_suppressions (address, refused_at, answer)
      select lower(target), min(parked_at), min(last_answer) from outbox
      where kind = 'mail' and state = 'refused' and parked_at is not null and sequence is not null
        and (last_answer like '___ 5.1.%' or last_answer like '___ 5.2.1 %')
      group by lower(target)`,
  ]);
}
