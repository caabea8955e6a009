import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Elements of deliveries and of pages that could not be used while their neighbours were recorded. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, [
    `create table rejections (
      id integer primary key autoincrement, connection_id text not null, delivery_id integer,
      run_id text, element text not null, reason text not null, rejected_at text not null,
      dismissed_at text)`,
    `alter table reconcile_runs add column rejected integer not null default 0`,
    `create index rejections_open on rejections (connection_id, id) where dismissed_at is null`,
    `create index rejections_delivery on rejections (delivery_id) where delivery_id is not null`,
  ]);
}
