import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Invoices that a system answered once that it does not have: believed when it says so again later. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `create table missing_invoices (
      connection_id text not null, name text not null, ref text not null,
      first_at text not null, due_at text not null, primary key (connection_id, name))`,
    `create index missing_invoices_due on missing_invoices (due_at)`,
  ]);
}
