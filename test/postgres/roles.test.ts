import { sql } from "kysely";
import { expect, test } from "vitest";
import { connect } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import { openLedger } from "#test/support/ledger.ts";
import { administer, emptyDatabase } from "#test/support/postgres.ts";
import { serverUrl } from "#test/support/database.ts";

const runs = (statement: string) => sql.raw(statement);

test("the portal runs as a role that owns nothing and is no superuser", async () => {
  await using ledger = await openLedger();
  const { writer, queues, db } = ledger.context;
  for (const each of [writer, queues, db]) {
    const { rows } = await runs(
      `select current_user as name, rolsuper as super, rolcreaterole as roles,
        (select count(*) from pg_class where relowner = pg_roles.oid) as owned
       from pg_roles where rolname = current_user`,
    ).execute(each);
    expect(rows).toEqual([{ name: "portal_runtime", super: false, roles: false, owned: 0 }]);
  }
});

test.each([
  "update events set data = '{}'",
  "delete from events",
  "truncate events",
  "drop trigger events_no_change on events",
  "alter table events disable trigger all",
  "drop table events",
  "create table public.mine (id text)",
  "set session_replication_role = replica",
  "update checkpoints set note = ''",
  "truncate deliveries",
])("who runs the portal may not `%s`", async (statement) => {
  await using ledger = await openLedger();
  await expect(runs(statement).execute(ledger.context.writer)).rejects.toThrow(
    /permission denied|must be owner/,
  );
});

test.each(["update events set data = '{}'", "delete from events", "truncate events"])(
  "not even the owner may `%s`, with or without rows",
  async (statement) => {
    await using ledger = await openLedger();
    await expect(runs(statement).execute(ledger.owner)).rejects.toThrow("append-only");
  },
);

test("loaders cannot write", async () => {
  await using ledger = await openLedger();
  const insert = ledger.context.db.insertInto("settings").values({ key: "a", value: "b" });
  await expect(insert.execute()).rejects.toThrow("read-only transaction");
});

test("a login of its own runs what the owner migrated, and says who has to migrate", async () => {
  const server = serverUrl();
  const fresh = await emptyDatabase(server);
  const name = new URL(fresh.url).pathname.slice(1);
  await administer(server, `create role ${name}_owner login password 'o' createrole`);
  await administer(server, `create role ${name}_app login password 'a' in role portal_runtime`);
  await administer(server, `grant portal_runtime to ${name}_owner`);
  await administer(server, `alter database ${name} owner to ${name}_owner`);
  const as = (login: string, password: string) =>
    connect(fresh.url.replace(/\/\/[^@]*@/, `//${name}_${login}:${password}@`));
  const app = as("app", "a");
  await expect(migrate(app.owner)).rejects.toThrow("only the owner of its tables can migrate it");
  const owner = as("owner", "o");
  expect(await migrate(owner.owner)).not.toEqual([]);
  expect(await migrate(app.owner)).toEqual([]);
  await app.writer.transaction().execute(async (trx) => {
    await trx.insertInto("settings").values({ key: "a", value: "b" }).execute();
  });
  await expect(sql`drop table settings`.execute(app.owner)).rejects.toThrow("must be owner");
  await owner.close();
  await app.close();
  await fresh.drop();
});

test("the owner of a second portal in the cluster is told what a superuser has to grant", async () => {
  const server = serverUrl();
  const fresh = await emptyDatabase(server);
  const name = new URL(fresh.url).pathname.slice(1);
  await administer(server, `create role ${name}_owner login password 'o' createrole`);
  await administer(server, `alter database ${name} owner to ${name}_owner`);
  const { owner, close } = connect(fresh.url.replace(/\/\/[^@]*@/, `//${name}_owner:o@`));
  const words = `grant it to ${name}_owner first`;
  await expect(migrate(owner)).rejects.toThrow(words);
  await administer(server, `grant portal_runtime to ${name}_owner`);
  expect(await migrate(owner)).not.toEqual([]);
  await close();
  await fresh.drop();
});

test("a login that may not take the run-time role gets no connection at all", async () => {
  const server = serverUrl();
  const fresh = await emptyDatabase(server);
  const name = new URL(fresh.url).pathname.slice(1);
  await administer(server, `create role ${name}_stray login password 's'`);
  const stray = connect(fresh.url.replace(/\/\/[^@]*@/, `//${name}_stray:s@`));
  for (const db of [stray.writer, stray.queues, stray.db]) {
    await expect(sql`select 1`.execute(db)).rejects.toThrow("permission denied to set role");
  }
  await stray.close();
  await fresh.drop();
});
