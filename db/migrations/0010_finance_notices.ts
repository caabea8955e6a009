import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** What finance has to look at in what systems told, and from when a connection's versions count anew. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `create table finance_notices (id text primary key, action text not null,
      connection_id text not null, invoice_id text not null, delivery_id integer, details text not null,
      since text not null, first_at text not null, last_at text not null, times integer not null, closed_at text)`,
    `create index finance_notices_open on finance_notices (last_at, id) where closed_at is null`,
    `alter table connections add column versions_from text`,
  ]);
}
