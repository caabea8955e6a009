import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/**
 * Disputes and promises belong to the customer record under which they were made, also where their
 * invoice was moved to another one since: the chains of the events that made them say which.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const moved = `(select invoice_id from events where type = 'invoice.moved_in')`;
  const made = (type: string, sqlite: string, postgres: string, id: string) => {
    const chain = (key: string) => `(select e.chain from events e
      where e.type = '${type}' and e.data is not null and e.invoice_id = ${id}.invoice_id
        and ${key} = ${id}.id)`;
    const update = (key: string) => `update ${id}
      set customer_record_id = coalesce(${chain(key)}, customer_record_id)
      where invoice_id in ${moved}`;
    return { sqlite: [update(sqlite)], postgres: [update(postgres)] };
  };
  await create(db, [
    {
      sqlite: [`alter table promises add column customer_record_id text not null default ''`],
      postgres: [
        `alter table promises add column customer_record_id text collate "C" not null default ''`,
      ],
    },
    `update promises set customer_record_id = coalesce(
      (select i.customer_record_id from invoices i where i.id = promises.invoice_id), '')`,
    made(
      "promise.made",
      "json_extract(e.data, '$.promiseId')",
      "e.data::json ->> 'promiseId'",
      "promises",
    ),
    made(
      "dispute.opened",
      "json_extract(e.data, '$.dispute.id')",
      "e.data::json -> 'dispute' ->> 'id'",
      "disputes",
    ),
    `update disputes set customer_id = (
      select r.customer_id from customer_records r where r.id = disputes.customer_record_id)
      where invoice_id in ${moved}`,
    `create index disputes_record on disputes (customer_record_id)`,
  ]);
}
