import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { parseCheckpoint } from "#domain/checkpoint.ts";
import { openNote } from "#domain/note.ts";
import { exportLedger } from "#server/audit/export-ledger.ts";
import { eventRows } from "#server/ledger/read.ts";
import { regrowTree } from "#server/ledger/verify/tree.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import { makeCheckpoint, makeDailyCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { chainProofOf, proofOf } from "#server/proofs/proof-file.ts";
import { resealSigner } from "#server/proofs/signer.ts";
import { onPostgres } from "#test/support/database.ts";
import { openLedger } from "#test/support/ledger.ts";
import { verifyFile } from "../../public/verify.mjs";

const operator = { kind: "operator", name: "test" } as const;

function snapshot(number: string, version: number): Change {
  const money = (amount: number) => ({ amount, currency: "EUR" });
  const customer = { externalId: `C-${Number(number) % 7}`, name: `Firma № ${Number(number) % 7}` };
  const sums = { currency: "EUR", total: money(100_000), due: money(100_000 - version * 100) };
  return { kind: "invoice", invoice: { number, version, customer, ...sums } };
}

/** A ledger of about so many events in eight chains, and ways to make checkpoints of it. */
async function filled(invoices: number) {
  const ledger = await openLedger();
  const context = { ...ledger.context, wakeOutbox: () => {} };
  const grow = async (from: number, to: number) => {
    for (let number = from; number <= to; number++) {
      for (let version = 1; version < 5; version++) {
        await ledger.says("erp", [snapshot(String(number), version)]);
      }
    }
  };
  await grow(1, invoices);
  return { ...ledger, context, grow, [Symbol.asyncDispose]: ledger[Symbol.asyncDispose] };
}

async function jsonLines(context: Parameters<typeof exportLedger>[0]): Promise<string> {
  const stream = await exportLedger(context, operator, { format: "jsonl", filter: {} });
  return new Response(stream).text();
}

test("a checkpoint holds size, root and every chain's end, and grows out of the one before", async () => {
  await using ledger = await filled(80);
  const { context } = ledger;
  const first = await makeCheckpoint(context, null);
  const again = await makeCheckpoint(context, null);
  expect(again.note).toBe(first.note);
  const { size, heads, origin } = parseCheckpoint(openNote(first.note, first.publicKey));
  expect({ size, origin, chains: heads.count }).toEqual({
    size: 400,
    origin: "localhost:3000/ledger",
    chains: 7,
  });
  await ledger.grow(81, 110);
  const second = await makeCheckpoint(context, operator);
  expect(second.publicKey).toBe(first.publicKey);
  expect((await ledger.events()).at(-1)?.data).toMatchObject({
    action: "checkpoint_made",
    subject: String(second.size),
  });
  const verdict = await verifyLedger(context.db);
  expect(verdict).toMatchObject({ ok: true, checkpoints: 2, events: second.size + 1 });
  await regrowTree(context);
  expect((await verifyLedger(context.db)).ok).toBe(true);
});

test("the daily checkpoint is made once a day, and only when something was recorded", async () => {
  await using ledger = await filled(1);
  const sizes = async () => {
    await makeDailyCheckpoint(ledger.context);
    const rows = await ledger.context.db.selectFrom("checkpoints").select("size").execute();
    return rows.map(({ size }) => size);
  };
  expect(await sizes()).toEqual([5]);
  await ledger.grow(2, 2);
  expect(await sizes()).toEqual([5]);
  ledger.setTime("2026-11-21T10:00:00.000Z");
  expect(await sizes()).toEqual([5, 10]);
  ledger.setTime("2026-11-23T10:00:00.000Z");
  expect(await sizes()).toEqual([5, 10]);
});

test("the key outlives the secret that it was sealed under", async () => {
  await using ledger = await filled(1);
  const contextOf = (...appSecrets: string[]) => {
    const config = { ...ledger.context.config, appSecrets };
    return { ...ledger.context, config };
  };
  const under = (...appSecrets: string[]) => makeCheckpoint(contextOf(...appSecrets), operator);
  const [old, fresh] = ["an old secret".padEnd(32, "."), "a new secret".padEnd(32, ".")];
  const { publicKey } = await under(old);
  await expect(under(fresh)).rejects.toThrow("another APP_SECRET");
  expect((await under(fresh, old)).publicKey).toBe(publicKey);
  // A server's start seals it anew.
  await resealSigner(contextOf(fresh, old));
  const last = await under(fresh);
  expect(openNote(last.note, publicKey)).toContain(`\n${last.size}\n`);
});

test("a ledger that is not the one signed last is not signed again", async () => {
  await using ledger = await filled(4);
  const { size } = await makeCheckpoint(ledger.context, null);
  const trigger = onPostgres ? "events_no_change on events" : "events_no_update";
  await sql.raw(`drop trigger ${trigger}`).execute(ledger.owner);
  const hash = "0".repeat(64);
  const edit = ledger.owner.updateTable("events").set({ hash }).where("sequence", "=", 3);
  await edit.execute();
  await ledger.grow(5, 5);
  await expect(makeCheckpoint(ledger.context, null)).rejects.toThrow("nothing was signed");
  const verdict = await verifyLedger(ledger.context.db);
  expect(verdict).toMatchObject({ ok: false, firstBad: { sequence: 3 } });
  expect(verdict.events).toBeLessThan(size);
  const change = ledger.owner.deleteFrom("checkpoints").execute();
  await expect(change).rejects.toThrow("append-only");
});

test("a proof of events holds offline, also since a checkpoint that somebody kept", async () => {
  await using ledger = await filled(60);
  const { context } = ledger;
  const kept = await makeCheckpoint(context, null);
  await ledger.grow(61, 130);
  const made = await makeCheckpoint(context, null);
  const key = made.publicKey;
  const invoice = (await ledger.invoiceId("40")) ?? "";
  const rows = await eventRows(context.db, { after: 0, invoice, limit: 100 });
  const file = await proofOf(context.db, rows, { since: kept.size });
  const text = JSON.stringify(file);
  const good = await verifyFile({ text, key, checkpoints: [kept.note] });
  expect(good).toMatchObject({ ok: true, firstBad: null });
  expect(good.proved.join(" ")).toContain("5 events are word for word in the ledger");
  expect(good.proved.join(" ")).toContain("only grew since the checkpoint that you kept");
  const changed = text.replace(`"due":99900`, `"due":99901`);
  expect(changed).not.toBe(text);
  const bad = await verifyFile({ text: changed, key });
  expect(bad).toMatchObject({ ok: false, firstBad: { sequence: rows[1]?.sequence } });
  const old = await proofOf(context.db, rows, { checkpoint: kept.size });
  const same = await verifyFile({ text: JSON.stringify(old), key, checkpoints: [kept.note] });
  expect(same.proved.join(" ")).toContain("agrees with the checkpoint that you kept");
  await expect(proofOf(context.db, rows, { checkpoint: 77 })).rejects.toThrow("no checkpoint");
});

test("a chain file shows that nothing of a customer record is missing", async () => {
  await using ledger = await filled(40);
  const { context } = ledger;
  const { publicKey: key, note } = await makeCheckpoint(context, null);
  await ledger.grow(41, 50);
  const [first] = await eventRows(context.db, { after: 0, limit: 1 });
  const file = await chainProofOf(context.db, first?.chain ?? "", {});
  const check = (events: typeof file.events) =>
    verifyFile({ text: JSON.stringify({ ...file, events }), key, checkpoints: [note] });
  expect(await check(file.events)).toMatchObject({ ok: true });
  expect((await check(file.events)).proved.join(" ")).toContain("the whole record");
  const last = file.events.length - 1;
  const sequenceOf = (at: number) => file.events[at]?.header;
  expect(await check(file.events.slice(0, -1))).toMatchObject({
    ok: false,
    firstBad: { sequence: (sequenceOf(last - 1) as { sequence: number }).sequence },
  });
  expect(await check(file.events.toSpliced(3, 1))).toMatchObject({
    ok: false,
    firstBad: { sequence: (sequenceOf(4) as { sequence: number }).sequence },
  });
  const withheld = file.events.map((event) => ({ ...event, salt: null, data: null }));
  const less = await check(withheld);
  expect(less.ok).toBe(true);
  expect(less.unproved.join(" ")).toContain("their data is not in this file");
});

test("an exported ledger verifies on the command line, and a script of another language agrees", async () => {
  await using ledger = await filled(75);
  const { context } = ledger;
  const { note, publicKey, size } = await makeCheckpoint(context, null);
  const folder = mkdtempSync(join(tmpdir(), "proofs-"));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const lines = await jsonLines(context);
  const checkpoint = write("checkpoint.txt", note);
  const whole = write("ledger.jsonl", lines);
  const cut = write(
    "cut.jsonl",
    lines
      .split("\n")
      .slice(0, size - 5)
      .join("\n"),
  );
  const run = (file: string, ...more: string[]) => {
    const args = ["public/verify.mjs", file, "--checkpoint", checkpoint, ...more];
    try {
      const out = execFileSync(process.execPath, args, { encoding: "utf8", stdio: "pipe" });
      return { code: 0, out };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, out: stdout };
    }
  };
  const good = run(whole, "--key", publicKey);
  expect(good.code).toBe(0);
  expect(good.out).toContain(`The first ${size} are exactly those that the checkpoint was made of`);
  const bad = run(cut, "--key", publicKey);
  expect(bad).toMatchObject({ code: 1 });
  expect(bad.out).toContain(`Event ${size - 4} is missing`);
  expect(run(whole).code).toBe(2);
  expect(recomputed(whole, checkpoint)).toContain(`the same ${size} events`);
  rmSync(folder, { recursive: true });
});

/** Python's own hashlib and json, where there is a Python. */
function recomputed(ledger: string, checkpoint: string): string {
  try {
    const args = ["test/proofs/recompute.py", ledger, checkpoint];
    return execFileSync("python3", args, { encoding: "utf8" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return readSize(checkpoint);
    }
    throw error;
  }
}

function readSize(checkpoint: string): string {
  return `the same ${execFileSync("sed", ["-n", "2p", checkpoint], { encoding: "utf8" }).trim()} events`;
}
