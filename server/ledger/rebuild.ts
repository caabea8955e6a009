import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { connect, type Db } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent } from "#server/domain/event.ts";
import { project } from "./project.ts";
import { events } from "./read.ts";

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
export async function rebuild(context: Context, file: string): Promise<Rebuilt> {
  const folder = mkdtempSync(join(context.config.dataDir, "rebuild-"));
  const shadowFile = join(folder, "shadow.db");
  const shadow = connect(`file:${shadowFile}`);
  const main = connect(`file:${file}`);
  try {
    await migrate(shadow.writer);
    await sql`attach database ${shadowFile} as shadow`.execute(main.writer);
    let last = 0;
    for (let round = 0; round < rounds; round++) {
      last = await replay(context.db, shadow.writer, last);
      const differences = await swapAt(main.writer, last);
      if (differences) return { events: last, differences };
    }
    throw new Error("The ledger grows too fast to be rebuilt: pause the connections and try again");
  } finally {
    await main.close();
    await shadow.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Swaps if nothing was appended since `last`; null when something was. */
function swapAt(writer: Db, last: number): Promise<Rebuilt["differences"] | null> {
  return writer.transaction().execute(async (trx) => {
    const head = await trx.selectFrom("ledger_head").select("sequence").executeTakeFirstOrThrow();
    return head.sequence === last ? swap(trx) : null;
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

async function swap(trx: Db): Promise<Rebuilt["differences"]> {
  const differences = { invoices: 0, disputes: 0, comments: 0, promises: 0 };
  for (const table of projections) {
    const name = sql.table(`main.${table}`);
    const rebuilt = sql.table(`shadow.${table}`);
    const wrong = sql`select id from (select * from ${name} except select * from ${rebuilt})`;
    const missing = sql`select id from (select * from ${rebuilt} except select * from ${name})`;
    const counted = await sql<{ rows: number }>`
      select count(*) as rows from (${wrong} union ${missing})`.execute(trx);
    differences[table] = counted.rows[0]?.rows ?? 0;
    if (differences[table] === 0) continue;
    await sql`delete from ${name} where id in (${wrong})`.execute(trx);
    await sql`insert into ${name} select * from ${rebuilt}
      where id not in (select id from ${name})`.execute(trx);
  }
  await swapSearch(trx);
  return differences;
}

async function swapSearch(trx: Db): Promise<void> {
  await sql`delete from main.invoice_search`.execute(trx);
  await sql`insert into main.invoice_search (rowid, invoice_id, scope, words)
    select rowid, invoice_id, scope, words from shadow.invoice_search`.execute(trx);
}
