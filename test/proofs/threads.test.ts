import { expect, test } from "vitest";
import { append } from "#server/ledger/append.ts";
import type { Draft } from "#domain/event.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import { makeCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { onPostgres } from "#test/support/database.ts";
import { openLedger } from "#test/support/ledger.ts";
import { sql } from "kysely";

const now = "2026-11-20T10:00:00.000Z";
const source = { kind: "portal" } as const;

/** What happens to invoices of a few hundred customer records, a thousand events at once. */
function drafts(from: number): Draft[] {
  return Array.from({ length: 1_000 }, (_, index) => ({
    type: "invoice.overdue",
    data: { dueOn: "2026-11-01", due: from + index },
    occurredAt: now,
    chain: `rec_${(from + index) % 300}`,
    invoice: `inv_${from + index}`,
    audience: "customer",
  }));
}

test("a long ledger is verified on several threads, to the same verdict", async () => {
  await using ledger = await openLedger();
  const context = { ...ledger.context, wakeOutbox: () => {} };
  const grow = async (from: number, to: number) => {
    for (let at = from; at < to; at += 1_000) {
      await context.writer.transaction().execute((trx) => append(trx, drafts(at), { source, now }));
    }
  };
  await grow(0, 68_000);
  const { size } = await makeCheckpoint(context, null);
  await grow(68_000, 70_000);
  const verdict = await verifyLedger(context.db);
  expect(verdict).toEqual({
    ok: true,
    events: 70_000,
    chains: 300,
    checkpoints: 1,
    firstBad: null,
  });
  const threads = { databaseUrl: ledger.url };
  expect(await verifyLedger(context.db, threads)).toEqual(verdict);
  const trigger = onPostgres ? "events_no_change on events" : "events_no_update";
  await sql.raw(`drop trigger ${trigger}`).execute(ledger.owner);
  const edit = ledger.owner.updateTable("events").set({ recorded_at: "2026-11-20T10:00:00.001Z" });
  await edit.where("sequence", "=", 69_123).execute();
  const bad = await verifyLedger(context.db, threads);
  expect(bad).toMatchObject({ ok: false, checkpoints: 1, firstBad: { sequence: 69_123 } });
  expect(size).toBe(68_000);
}, 120_000);
