import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import { runCommand } from "#server/commands/program.ts";
import { databaseOf } from "#test/support/database.ts";
import { verifyFile } from "../../public/verify.mjs";

/** Runs commands on a portal in a folder of its own. */
async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), "proof-commands-"));
  const { url, drop } = await databaseOf(folder);
  const { owner, close } = connect(url);
  await migrate(owner);
  await close();
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

test("hashes that were kept with a checkpoint go into verifying, and only with that one", async () => {
  await using folder = await openFolder();
  const { portal, file } = folder;
  for (const name of ["books", "desk"]) {
    await portal("api-key", "create", "--name", name, "--role", "auditor");
  }
  const kept = ["--to", file("kept.txt"), "--hashes", file("hashes.txt")];
  const made = await portal("ledger", "checkpoint", ...kept, "--json");
  const { publicKey: key } = JSON.parse(made.out);
  const hashes = await readFile(file("hashes.txt"), "utf8");
  expect(hashes).toMatch(/^([0-9a-f]{64}\n){2}$/);
  await portal("ledger", "export", "--to", file("ledger.jsonl"));
  const note = await readFile(file("kept.txt"), "utf8");
  const text = await readFile(file("ledger.jsonl"), "utf8");
  const others = `${"0".repeat(64)}\n${"1".repeat(64)}\n`;
  await writeFile(file("others.txt"), others);
  await writeFile(file("none.txt"), "hashes");

  const verify = ["ledger", "verify", "--checkpoint", file("kept.txt"), "--hashes"];
  expect(await portal(...verify, file("hashes.txt"))).toMatchObject({ code: 0, err: "" });
  await writeFile(file("windows.txt"), hashes.replaceAll("\n", "\r\n"));
  expect(await portal(...verify, file("windows.txt"))).toMatchObject({ code: 0, err: "" });
  const wrong = "The checkpoint of event 2 was made of other hashes\n";
  expect(await portal(...verify, file("others.txt"))).toMatchObject({ code: 1, err: wrong });
  expect((await portal(...verify, file("none.txt"))).err).toContain("one in each line");
  const alone = await portal("ledger", "verify", "--hashes", file("hashes.txt"));
  expect(alone).toMatchObject({ code: 1, err: "No checkpoint of event 2 is given\n" });

  const checkpoints = [note];
  expect(await verifyFile({ text, key, checkpoints, hashes })).toMatchObject({ ok: true });
  const standalone = verifyFile({ text, key, checkpoints, hashes: others });
  await expect(standalone).rejects.toThrow("not those that the checkpoint was made of");
  await expect(verifyFile({ text, key, hashes })).rejects.toThrow("give that checkpoint, too");
  await portal("ledger", "proof", "--to", file("proof.json"), "--event", "1");
  const proof = await readFile(file("proof.json"), "utf8");
  const misplaced = verifyFile({ text: proof, key, checkpoints, hashes });
  await expect(misplaced).rejects.toThrow("Hashes go with an exported ledger");
});
