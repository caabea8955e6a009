import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "#server/commands/program.ts";
import { databaseOf } from "#test/support/database.ts";
import { verifyFile } from "../../public/verify.mjs";

/** Runs commands on a portal in a folder of its own. */
async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), "proof-commands-"));
  const { url, drop } = await databaseOf(folder);
  const environment = { DATA_DIR: folder, LOG_LEVEL: "silent", DATABASE_URL: url };
  return {
    file: (name: string) => join(folder, name),
    async portal(...args: string[]) {
      let [out, err] = ["", ""];
      const code = await runCommand(args, {
        environment,
        out: (text) => (out += text),
        err: (text) => (err += text),
      });
      return { code, out, err };
    },
    async [Symbol.asyncDispose]() {
      await drop();
      await rm(folder, { recursive: true });
    },
  };
}

test("a checkpoint is written, an event proved against it, and the ledger verified with it", async () => {
  await using folder = await openFolder();
  const { portal, file } = folder;
  expect(await portal("ledger", "checkpoint")).toMatchObject({
    code: 1,
    err: "Nothing has been recorded yet\n",
  });
  await portal("api-key", "create", "--name", "books", "--role", "auditor");
  const made = await portal("ledger", "checkpoint", "--to", file("kept.txt"), "--json");
  expect(made).toMatchObject({ code: 0, err: "" });
  const { publicKey, size } = JSON.parse(made.out);
  expect(size).toBe(1);
  const wrong = await portal("ledger", "proof", "--to", file("none.json"), "--event", "7");
  expect(wrong).toMatchObject({ code: 1, err: "There is no event 7\n" });
  await portal("ledger", "proof", "--to", file("proof.json"), "--event", "1");
  const text = await readFile(file("proof.json"), "utf8");
  const kept = await readFile(file("kept.txt"), "utf8");
  const report = await verifyFile({ text, key: publicKey, checkpoints: [kept] });
  expect(report).toMatchObject({ ok: true });
  const record = ["ledger", "proof", "--to", file("chain.json"), "--record", "supplier"];
  expect((await portal(...record)).out).toContain("proves one event");
  const verified = await portal("ledger", "verify", "--checkpoint", file("kept.txt"));
  expect(verified).toMatchObject({ code: 0, err: "" });
  expect(verified.out).toContain("2 checkpoints agree");
  const other = `${publicKey.slice(0, -8)}AAAAAAA=`;
  const unknown = ["ledger", "verify", "--checkpoint", file("kept.txt"), "--key", other];
  expect((await portal(...unknown)).code).toBe(1);
});
