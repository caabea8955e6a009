import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { connect } from "#db/connect.ts";
import { openLog } from "#db/empty-log.ts";
import { migrate } from "#db/migrate.ts";
import { fileOf } from "#db/sqlite.ts";
import { WriteTurn } from "#db/write-turn.ts";
import { onPostgres } from "#test/support/database.ts";
import { startTestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

/** Rows of a table in the database file alone, as if its log had been lost. */
function countInFile(file: string, table: string): number {
  const folder = mkdtempSync(join(tmpdir(), "alone-"));
  copyFileSync(file, join(folder, "copy.db"));
  const copy = new Database(join(folder, "copy.db"));
  const rows = Number(copy.prepare(`select count(*) from ${table}`).pluck().get());
  copy.close();
  rmSync(folder, { recursive: true });
  return rows;
}

async function openTable() {
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  const url = `file:${join(folder, "portal.db")}`;
  const turn = new WriteTurn();
  const databases = connect(url, { turn, emptiesLog: false });
  await migrate(databases.owner);
  const log = openLog(url, turn);
  return {
    ...{ databases, log, turn, file: fileOf(url) },
    async write(name: string) {
      const settings = Array.from({ length: 400 }, (_, at) => ({
        key: `${name}${at}`,
        value: "x",
      }));
      for (const each of settings)
        await databases.writer.insertInto("settings").values(each).execute();
    },
    async [Symbol.asyncDispose]() {
      log.close();
      await databases.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test.skipIf(onPostgres)(
  "an emptied log is in the database file, and is written anew from its start",
  async () => {
    await using table = await openTable();
    const { log, file } = table;
    await log.empty();
    const before = countInFile(file, "settings");
    await table.write("a");
    expect(countInFile(file, "settings")).toBe(before);
    const size = statSync(`${file}-wal`).size;
    await log.empty();
    expect(countInFile(file, "settings")).toBe(before + 400);
    for (const name of ["b", "c", "d"]) {
      await table.write(name);
      await log.empty();
    }
    expect(countInFile(file, "settings")).toBe(before + 1600);
    expect(statSync(`${file}-wal`).size).toBeLessThan(size * 2);
  },
);

test.skipIf(onPostgres)(
  "emptying the log waits for whoever writes, and nobody stays shut out",
  async () => {
    await using table = await openTable();
    const { log, turn, databases } = table;
    await table.write("a");
    await turn.take();
    let isEmpty = false;
    const emptying = log.empty().then(() => (isEmpty = true));
    await pause(50);
    expect(isEmpty).toBe(false);
    turn.leave();
    await emptying;
    await table.write("b");
    const kept = databases.db.selectFrom("settings").select("key").where("key", "in", ["a9", "b9"]);
    expect(await kept.execute()).toHaveLength(2);
  },
);

test.skipIf(onPostgres)("a running portal empties its log by itself", async () => {
  await using portal = await startTestPortal({ inThread: true });
  const file = fileOf(portal.portal.config.databaseUrl);
  for (const number of ["INV-1", "INV-2"]) await portal.deliver("erp", invoiceIssued(number));
  await portal.settled();
  await expect.poll(() => countInFile(file, "deliveries"), { timeout: 10_000 }).toBe(2);
});
