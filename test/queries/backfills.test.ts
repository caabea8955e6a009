import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kysely, Migrator, sql } from "kysely";
import { expect, test } from "vitest";
import { connect } from "#db/connect.ts";
import * as ledger from "#db/migrations/0001_ledger.ts";
import * as people from "#db/migrations/0002_people.ts";
import * as wordsStay from "#db/migrations/0016_words_stay.ts";
import * as processors from "#db/migrations/0017_processors.ts";
import { newId } from "#domain/id.ts";
import { onPostgres, serverUrl } from "#test/support/database.ts";

/** An empty database of this run's engine, as the first release left it. */
async function openOld() {
  const folder = mkdtempSync(join(tmpdir(), "backfill-"));
  const name = `old_${newId("db")}`;
  const server = onPostgres ? connect(serverUrl()) : null;
  if (server) await sql`create database ${sql.id(name)}`.execute(server.owner);
  const { owner, close } = connect(
    onPostgres ? `${serverUrl()}/${name}` : `file:${folder}/portal.db`,
  );
  // A migration knows no tables.
  const db = owner as unknown as Kysely<unknown>;
  const first = { "0001_ledger": ledger, "0002_people": people };
  const migrator = new Migrator({ db: owner, provider: { getMigrations: async () => first } });
  expect((await migrator.migrateToLatest()).error).toBeUndefined();
  return {
    db,
    async [Symbol.asyncDispose]() {
      await close();
      if (server) {
        await sql`drop database ${sql.id(name)}`.execute(server.owner);
        await server.close();
      }
      rmSync(folder, { recursive: true });
    },
  };
}

type Row = Record<string, string | number | null>;

/** Writes a row; columns that must not be null and are not named hold nothing. */
async function insert(db: Kysely<unknown>, table: string, empty: string[], row: Row) {
  const whole: Row = { ...Object.fromEntries(empty.map((name) => [name, "0"])), ...row };
  const names = Object.keys(whole).map((name) => sql.id(name));
  const values = Object.values(whole).map((value) => sql`${value}`);
  await sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join(values)})`.execute(
    db,
  );
}

const invoiceColumns = [
  ...["number", "number_key", "customer_name", "owner", "status", "dispute", "currency", "total"],
  ...["paid", "credited", "due", "search_id", "view", "updated_at", "sequence"],
];

const at = "2026-11-20T10:00:00.000Z";
let sequence = 0;

async function event(
  db: Kysely<unknown>,
  { data, user = "u", ...row }: { data: object | null; user?: string } & Record<string, unknown>,
) {
  sequence += 1;
  await insert(db, "events", ["commitment", "hash"], {
    ...{ sequence, type_version: 1, audience: "customer", occurred_at: at, recorded_at: at },
    ...{ source: JSON.stringify({ kind: "user", user }), salt: null },
    ...{ data: data === null ? null : JSON.stringify(data) },
    ...(row as Row),
  });
}

const record = (db: Kysely<unknown>, id: string, customer: string) =>
  insert(db, "customer_records", [], {
    ...{ id, connection_id: "erp", external_key: id, name: id, customer_id: customer },
    created_at: at,
  });

const invoice = (db: Kysely<unknown>, id: string, customerRecord: string) =>
  insert(db, "invoices", invoiceColumns, { id, customer_record_id: customerRecord });

const dispute = (db: Kysely<unknown>, id: string, row: Row) =>
  insert(db, "disputes", ["reason", "currency", "lines", "message", "opened_by", "opened_side"], {
    ...{ id, number: id, state: "open", amount: 1, sequence: 1 },
    ...{ opened_at: at, first_response_due_at: at, updated_at: at, ...row },
  });

const promise = (db: Kysely<unknown>, id: string, invoiceId: string) =>
  insert(db, "promises", ["currency", "author"], {
    ...{ id, invoice_id: invoiceId, promised_on: "2026-12-01", amount: 1, state: "made" },
    ...{ made_at: at, sequence: 1 },
  });

test("disputes and promises of a moved invoice go back to the record under which they were made", async () => {
  await using old = await openOld();
  const { db } = old;
  await record(db, "before", "cus-before");
  await record(db, "after", "cus-after");
  await invoice(db, "moved", "after");
  await invoice(db, "stayed", "before");
  await event(db, { type: "invoice.moved_in", chain: "after", invoice_id: "moved", data: {} });
  const made = (type: string, chain: string, data: object | null) =>
    event(db, { type, chain, invoice_id: "moved", data });
  await made("promise.made", "before", { promiseId: "p-before" });
  await made("promise.made", "after", { promiseId: "p-after" });
  await made("dispute.opened", "before", { dispute: { id: "d-before" } });
  await made("dispute.opened", "after", null);
  for (const id of ["p-before", "p-after", "p-unknown"]) await promise(db, id, "moved");
  await promise(db, "p-stayed", "stayed");
  const now = { customer_record_id: "after", customer_id: "cus-after" };
  for (const id of ["d-before", "d-erased"]) await dispute(db, id, { invoice_id: "moved", ...now });
  const there = { customer_record_id: "before", customer_id: "cus-before" };
  await dispute(db, "d-stayed", { invoice_id: "stayed", ...there });
  await wordsStay.up(db);
  const promises = await sql`select id, customer_record_id from promises order by id`.execute(db);
  expect(promises.rows).toEqual([
    { id: "p-after", customer_record_id: "after" },
    { id: "p-before", customer_record_id: "before" },
    { id: "p-stayed", customer_record_id: "before" },
    { id: "p-unknown", customer_record_id: "after" },
  ]);
  const disputes = await sql`
    select id, customer_record_id, customer_id from disputes order by id`.execute(db);
  expect(disputes.rows).toEqual([
    { id: "d-before", customer_record_id: "before", customer_id: "cus-before" },
    { id: "d-erased", customer_record_id: "after", customer_id: "cus-after" },
    { id: "d-stayed", customer_record_id: "before", customer_id: "cus-before" },
  ]);
});

test("who works a dispute is the user of the last event that named somebody", async () => {
  await using old = await openOld();
  const { db } = old;
  const about = { invoice_id: "i", customer_record_id: "r", customer_id: null };
  await dispute(db, "taken", { ...about, processor: "Bo" });
  await dispute(db, "free", { ...about, processor: null });
  await dispute(db, "erased", { ...about, processor: "Cy" });
  const took = (user: string, data: object | null) =>
    event(db, { type: "dispute.updated", chain: "r", invoice_id: "i", user, data });
  await took("usr-ann", { disputeId: "taken", processor: "Ann" });
  await took("usr-bo", { disputeId: "taken", processor: "Bo" });
  await took("usr-cy", { disputeId: "taken", message: "moved on, and nobody was named" });
  await took("usr-ann", { disputeId: "free", processor: "Ann" });
  await took("usr-cy", null);
  await processors.up(db);
  const { rows } = await sql`select id, processor_id from disputes order by id`.execute(db);
  expect(rows).toEqual([
    { id: "erased", processor_id: null },
    { id: "free", processor_id: null },
    { id: "taken", processor_id: "usr-bo" },
  ]);
});
