import Database from "better-sqlite3";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { connect } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import { runCommand } from "#server/commands/program.ts";
import { databaseOf, onPostgres } from "#test/support/database.ts";
import { longestStallMs, stallOf } from "#test/support/stall.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

test.skipIf(onPostgres)(
  "another program that holds the write lock delays a webhook, and nothing else",
  { timeout: 60_000 },
  async () => {
    await using portal = await startTestPortal();
    const other = new Database(join(portal.dataDir, "portal.db"));
    let statuses: number[] = [];
    const stall = await stallOf(async () => {
      other.exec("begin immediate");
      const delivered = portal.deliver("erp", invoiceIssued("INV-1"));
      await pause(700);
      statuses = [(await fetch(`${portal.url}/healthz`)).status];
      other.exec("rollback");
      statuses.push((await delivered).status);
    });
    other.close();
    expect(statuses).toEqual([200, 204]);
    expect(stall).toBeLessThan(longestStallMs);
  },
);

test.skipIf(onPostgres)(
  "the database, and a copy of it, can be read by nobody else on the machine",
  async () => {
    await using portal = await startTestPortal();
    const modeOf = async (file: string) => (await stat(join(portal.dataDir, file))).mode & 0o777;
    expect([await modeOf("portal.db"), await modeOf("portal.db-wal")]).toEqual([0o600, 0o600]);
  },
);

/** Another program that commits every few milliseconds until it is ended. */
const busyProgram = `
  const database = new (require("better-sqlite3"))(require("node:worker_threads").workerData);
  const insert = database.prepare("insert into settings (key, value) values (?, '0')");
  let count = 0;
  setInterval(() => insert.run("busy " + count++), 5);
`;

test.skipIf(onPostgres)(
  "a backup comes to its end while others commit all the time, and is whole",
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "busy-"));
    const { url } = await databaseOf(folder);
    const { owner, writer, close } = connect(url);
    await migrate(owner);
    const value = JSON.stringify("x".repeat(100_000));
    for (let count = 0; count < 200; count++) {
      await writer
        .insertInto("settings")
        .values({ key: `${count}`, value })
        .execute();
    }
    const busy = new Worker(busyProgram, { eval: true, workerData: join(folder, "portal.db") });
    const file = join(folder, "copy.db");
    try {
      const environment = { DATA_DIR: folder, DATABASE_URL: url, LOG_LEVEL: "silent" };
      const surroundings = { environment, out: () => {}, err: () => {} };
      expect(await runCommand(["backup", "--to", file], surroundings)).toBe(0);
    } finally {
      await busy.terminate();
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await close();
    await rm(folder, { recursive: true });
  },
);
