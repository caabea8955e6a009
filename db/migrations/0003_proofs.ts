import type { Kysely } from "kysely";
import { create, type Statement } from "#db/create.ts";
import { runtimeRole } from "#db/postgres.ts";

/** The Merkle tree over the ledger and the checkpoints of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, statements);
}

const statements: Statement[] = [
  `create table merkle_nodes (level integer not null, place integer not null, hash text not null,
    primary key (level, place)) without rowid`,
  `create table checkpoints (size integer primary key, note text not null, created_at text not null)`,
  {
    sqlite: [
      `create trigger checkpoints_no_update before update on checkpoints
        begin select raise(abort, 'checkpoints are append-only'); end`,
      `create trigger checkpoints_no_delete before delete on checkpoints
        begin select raise(abort, 'checkpoints are append-only'); end`,
    ],
    postgres: [
      `create trigger checkpoints_no_change before update or delete or truncate on checkpoints
        for each statement execute function refuse_change()`,
      `revoke update, delete on checkpoints from ${runtimeRole}`,
    ],
  },
];
