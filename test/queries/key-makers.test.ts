import { type Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { up } from "#db/migrations/0040_key_makers.ts";
import { createKey, listKeys } from "#server/access/api-keys.ts";
import { openLedger } from "#test/support/ledger.ts";

test("of keys that were made before keys had makers, the ledger says who made them", async () => {
  await using ledger = await openLedger();
  const { context, owner } = ledger;
  const form = { role: "auditor", customer: "" } as const;
  await createKey(context, { kind: "user", user: "usr_ada" }, { ...form, name: "BI" });
  await createKey(context, { kind: "operator", name: "command" }, { ...form, name: "Backup" });
  await sql`drop index api_keys_maker`.execute(owner);
  await sql`alter table api_keys drop column made_by`.execute(owner);
  await up(owner as Kysely<unknown>);
  const makers = (await listKeys(context)).map(({ name, madeBy }) => [name, madeBy] as const);
  expect(Object.fromEntries(makers)).toEqual({ BI: "usr_ada", Backup: null });
});
