import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { project } from "./project.ts";
import { events } from "./read.ts";
import { type Shadow, withShadow } from "./shadow.ts";

const projections = ["invoices", "disputes", "comments", "promises"] as const;
const batch = 1_000;
const rounds = 50;

export interface Rebuilt {
  events: number;
  /** Rows that were not what the events say, by table; they were replaced. */
  differences: Record<(typeof projections)[number], number>;
}

/**
 * Replays every event into fresh tables beside the database, compares, and replaces what differs in
 * one transaction. What is appended meanwhile is replayed too, before the tables are swapped.
 * Enqueues, publishes and appends nothing. Throws when the ledger grows faster than it is replayed.
 */
export function rebuild(context: Context): Promise<Rebuilt> {
  return withShadow(context.config, async (shadow) => {
    let last = 0;
    for (let round = 0; round < rounds; round++) {
      last = await replay(context.db, shadow.db, last);
      const differences = await swapAt(shadow, last);
      if (differences) return { events: last, differences };
    }
    throw new Error("The ledger grows too fast to be rebuilt: pause the connections and try again");
  });
}

/** Swaps if nothing was appended since `last`; null when something was. */
function swapAt(shadow: Shadow, last: number): Promise<Rebuilt["differences"] | null> {
  return shadow.both.transaction().execute(async (trx) => {
    const query = trx.selectFrom("ledger_head").select("sequence");
    const head = await (isPostgres(trx) ? query.forUpdate() : query).executeTakeFirstOrThrow();
    return head.sequence === last ? swap(trx, shadow) : null;
  });
}

/** Replays what comes after a sequence; gives the last one. */
async function replay(from: Db, to: Db, after: number): Promise<number> {
  let last = after;
  for (;;) {
    const read = await events(from, { after: last, limit: batch });
    await to.transaction().execute(async (trx) => {
      for (const event of read) {
        await keepRecord(trx, event);
        await project(trx, [event]);
      }
    });
    last = read.at(-1)?.sequence ?? last;
    if (read.length < batch) return last;
  }
}

/** Links are events too; the record itself is not, so the shadow keeps just its id. */
async function keepRecord(trx: Db, event: LedgerEvent): Promise<void> {
  if (event.type !== "record.linked") return;
  const id = event.data.customerRecord;
  await trx
    .insertInto("customer_records")
    .values({
      id,
      connection_id: "",
      external_key: id,
      name: "",
      email: null,
      customer_id: null,
      created_at: event.recordedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function swap(
  trx: Db,
  { real, rebuilt }: Pick<Shadow, "real" | "rebuilt">,
): Promise<Rebuilt["differences"]> {
  const differences = { invoices: 0, disputes: 0, comments: 0, promises: 0 };
  for (const table of projections) {
    const old = sql.table(`${real}.${table}`);
    const fresh = sql.table(`${rebuilt}.${table}`);
    const wrong = sql`select id from (select * from ${old} except select * from ${fresh}) as w`;
    const missing = sql`select id from (select * from ${fresh} except select * from ${old}) as m`;
    const counted = await sql<{ rows: number }>`
      select count(*) as rows from (${wrong} union ${missing}) as differing`.execute(trx);
    differences[table] = counted.rows[0]?.rows ?? 0;
    if (differences[table] === 0) continue;
    await sql`delete from ${old} where id in (${wrong})`.execute(trx);
    await sql`insert into ${old} select * from ${fresh}
      where id not in (select id from ${old})`.execute(trx);
  }
  const search = sql.table(`${real}.invoice_search`);
  await sql`delete from ${search}`.execute(trx);
  await sql`insert into ${search} (rowid, invoice_id, text, words)
    select rowid, invoice_id, text, words from ${sql.table(`${rebuilt}.invoice_search`)}`.execute(
    trx,
  );
  return differences;
}
