import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { connect } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";

test("a migration that breaks off leaves nothing behind, and the next one starts anew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "migrate-"));
  const { owner, close } = connect(`file:${folder}/portal.db`);
  try {
    // In the way of a later table, as a kill between two tables would be.
    await sql`create table outbox (id text)`.execute(owner);
    await expect(migrate(owner)).rejects.toThrow("could not be migrated");
    const { rows } = await sql<{ name: string }>`
      select name from sqlite_master where type = 'table' and name not like 'kysely%'`.execute(
      owner,
    );
    expect(rows.map(({ name }) => name)).toEqual(["outbox"]);
    await sql`drop table outbox`.execute(owner);
    expect((await migrate(owner)).length).toBeGreaterThan(0);
  } finally {
    await close();
    rmSync(folder, { recursive: true });
  }
});
