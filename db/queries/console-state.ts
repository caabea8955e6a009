import { sql } from "kysely";
import type { Db } from "#db/connect.ts";

/**
 * What the console's pages show, as a short text that differs once any of it differs: events,
 * deliveries, what is sent on, refusals, how far systems were read, keys. Reads ends of indexes and
 * small tables, so that it may be asked each second.
 */
export async function consoleState(db: Db): Promise<string> {
  const { rows } = await sql<Record<string, number | string | null>>`
    select
      (select max(sequence) from ledger_head) as events,
      (select max(id) from deliveries) as deliveries,
      (select count(*) from deliveries where due_at is not null) as waiting,
      (select sum(attempts) from deliveries where due_at is not null) as tried,
      (select count(*) from deliveries where dead_at is not null) as dead,
      (select max(id) from outbox_attempts) as attempts,
      (select count(*) from outbox where done_at is null and parked_at is null) as unsent,
      (select count(*) from outbox where parked_at is not null) as parked,
      (select count(*) from unmatched where matched_at is null) as unmatched,
      (select max(id) from refused) as refused,
      (select sum(delivered) + sum(refused) + sum(pinged) from connections) as counted,
      (select count(*) from connections) as connections,
      (select sum(passes) from reconcile_cursors) as passes,
      (select max(due_at) from reconcile_cursors) as read_next,
      (select sum(version) from oauth_grants) as grants,
      (select count(*) from oauth_grants where broken_at is not null) as broken,
      (select max(size) from checkpoints) as checkpoint,
      (select max(last_used_at) from api_keys) as key_used
  `.execute(db);
  return Object.values(rows[0] ?? {})
    .map((value) => String(value ?? ""))
    .join(" ");
}
