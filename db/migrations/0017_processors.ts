import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/** Who works a dispute is known by id: two people may have one name, and a name may change. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const taken = (user: string, named: string, about: string) => `update disputes
    set processor_id = (select ${user} from events e
      where e.type = 'dispute.updated' and e.data is not null
        and e.invoice_id = disputes.invoice_id and ${about} = disputes.id and ${named}
      order by e.sequence desc limit 1)
    where processor is not null`;
  await create(db, [
    {
      sqlite: [`alter table disputes add column processor_id text`],
      postgres: [`alter table disputes add column processor_id text collate "C"`],
    },
    {
      sqlite: [
        taken(
          "json_extract(e.source, '$.user')",
          "json_type(e.data, '$.processor') is not null",
          "json_extract(e.data, '$.disputeId')",
        ),
      ],
      postgres: [
        taken(
          "e.source::json ->> 'user'",
          "e.data::json -> 'processor' is not null",
          "e.data::json ->> 'disputeId'",
        ),
      ],
    },
  ]);
}
