import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** A key names the person who made it; of earlier keys the ledger says so. A command names nobody. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const made = (field: (column: "source" | "data", name: string) => string) => `update api_keys
    set made_by = made.maker
    from (select ${field("data", "subject")} as subject, ${field("source", "user")} as maker
      from events
      where chain = 'supplier' and type = 'audit.recorded' and data is not null
        and ${field("data", "action")} = 'api_key_created') as made
    where made.subject = api_keys.id`;
  await create(db, [
    {
      sqlite: [
        `alter table api_keys add column made_by text`,
        made((column, name) => `json_extract(${column}, '$.${name}')`),
      ],
      postgres: [
        `alter table api_keys add column made_by text collate "C"`,
        made((column, name) => `${column}::json ->> '${name}'`),
      ],
    },
    `create index api_keys_maker on api_keys (made_by)`,
  ]);
}
