import { sql } from "kysely";
import { expect, test } from "vitest";
import { type Databases, connect } from "#db/connect.ts";
import { insertDeliveries } from "#db/queries/deliveries.ts";
import { takeTurn } from "#db/queries/job-turns.ts";
import { insertOutbox, leaseDue } from "#db/queries/outbox.ts";
import type { NewOutboxRow } from "#db/schema/outbox.ts";
import type { Change } from "#domain/change.ts";
import { record } from "#server/ledger/record.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import { Connections } from "#server/connections/connections.ts";
import { startProcess } from "#server/webhooks/process.ts";
import { openLedger } from "#test/support/ledger.ts";
import { arrived } from "#test/support/standard-event.ts";
import { webhookSecret } from "#test/support/start-portal.ts";

const now = "2026-11-20T10:00:00.000Z";

/** As further processes would: each with connections of its own. */
async function withProcesses<Result>(
  url: string,
  count: number,
  work: (process: Databases, index: number) => Promise<Result>,
): Promise<Result[]> {
  const processes = Array.from({ length: count }, () => connect(url));
  try {
    return await Promise.all(processes.map(work));
  } finally {
    for (const each of processes) await each.close();
  }
}

function paid(number: string, due: number, version: number): Change {
  const money = { total: { amount: 1000, currency: "EUR" }, due: { amount: due, currency: "EUR" } };
  const customer = { externalId: "C-1", name: "ACME" };
  return { kind: "invoice", invoice: { number, version, customer, currency: "EUR", ...money } };
}

test("processes that record at once make one ledger without gaps, each event derived once", async () => {
  await using ledger = await openLedger();
  await withProcesses(ledger.url, 4, async (databases) => {
    for (let version = 1; version <= 10; version++) {
      await record(
        { ...ledger.context, ...databases },
        {
          kind: "system",
          source: { kind: "connection", connection: "erp" },
          connection: { id: "erp", kind: "erp" },
          changes: [paid("A", 1100 - version * 100, version)],
          receivedAt: now,
          asked: true,
        },
      );
    }
  });
  const events = await ledger.events();
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === "invoice.issued")).toHaveLength(1);
  expect((await ledger.view("A"))?.row).toMatchObject({ due: 100, paid: 0 });
  expect(await verifyLedger(ledger.context.db)).toMatchObject({ ok: true, chains: 1 });
});

test("what arrives is stored while somebody holds the ledger", async () => {
  await using ledger = await openLedger();
  const { writer, queues } = ledger.context;
  const row = arrived("d", now);
  await writer.transaction().execute(async (trx) => {
    await trx.updateTable("ledger_head").set({ recorded_at: now }).execute();
    const stored = queues.transaction().execute((other) => insertDeliveries(other, [row, row]));
    expect(await stored).toBe(1);
  });
});

test("processes that take up the same deliveries record each of them once", async () => {
  await using ledger = await openLedger();
  const { context } = ledger;
  const connections = await new Connections(context).load();
  const erp = { id: "erp", system: "standard-webhooks", secrets: { webhookSecret } };
  await connections.applyFile(JSON.stringify([erp]), () => undefined);
  const rows = Array.from({ length: 300 }, (_, index) => arrived(`INV-${index}`, now));
  await insertDeliveries(context.queues, rows);
  let recorded = 0;
  const count = (outcome: string, deliveries = 1) => {
    if (outcome === "recorded") recorded += deliveries;
  };
  await withProcesses(ledger.url, 3, async (databases) => {
    const processing = startProcess({ ...context, ...databases, connections }, count);
    await processing.idle();
    await processing.stop();
  });
  expect(recorded).toBe(rows.length);
  const kept = context.db.selectFrom("deliveries").select(["attempts", "processed_at"]);
  for (const row of await kept.execute()) expect(row).toEqual({ attempts: 1, processed_at: now });
  await connections.close();
});

function mail(index: number): NewOutboxRow {
  const id = `obx_${String(index).padStart(4, "0")}`;
  return {
    ...{ id, kind: "mail", sequence: index, invoice_id: null, order_key: id, once_key: id },
    ...{ target: "a@b.example", what: "x", payload: "{}", created_at: now, due_at: now },
    updated_at: now,
  };
}

test("dispatchers of several processes lease each row once", async () => {
  await using ledger = await openLedger();
  const rows = Array.from({ length: 400 }, (_, index) => mail(index));
  await insertOutbox(ledger.context.writer, rows);
  const until = "2026-11-20T10:05:00.000Z";
  const leased = await withProcesses(ledger.url, 6, async ({ queues }) => {
    const mine: string[] = [];
    for (;;) {
      const taken = await queues
        .transaction()
        .execute((trx) => leaseDue(trx, { kind: "mail", now, until, limit: 7 }));
      if (taken.length === 0) return mine;
      mine.push(...taken.map(({ id }) => id));
    }
  });
  const all = leased.flat();
  expect(new Set(all).size).toBe(all.length);
  const late = await leaseDue(ledger.context.queues, { kind: "mail", now, until, limit: 400 });
  expect(all.length + late.length).toBe(400);
});

test("of several processes one takes a job's turn", async () => {
  await using ledger = await openLedger();
  const taken = async (at: string, since: string) => {
    const turn = { job: "overdue", now: at, since };
    const turns = await withProcesses(ledger.url, 5, ({ queues }) => takeTurn(queues, turn));
    return turns.filter(Boolean).length;
  };
  expect(await taken("2026-11-20T10:00:05.000Z", "2026-11-20T09:57:35.000Z")).toBe(1);
  expect(await taken("2026-11-20T10:00:06.000Z", "2026-11-20T09:57:36.000Z")).toBe(0);
  expect(await taken("2026-11-20T10:05:05.000Z", "2026-11-20T10:02:35.000Z")).toBe(1);
  // A clock that was ahead took a turn of tomorrow; with the right one the job runs again.
  expect(await taken("2026-11-21T10:05:05.000Z", "2026-11-21T10:02:35.000Z")).toBe(1);
  expect(await taken("2026-11-20T10:10:05.000Z", "2026-11-20T10:07:35.000Z")).toBe(1);
});

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

test("transactions that wait for each other are untangled and both happen", async () => {
  await using ledger = await openLedger();
  const { queues } = ledger.context;
  for (const key of ["a", "b"])
    await queues.insertInto("settings").values({ key, value: "" }).execute();
  const gates = [gate(), gate()];
  const write = (value: string, keys: string[], mine: number) =>
    queues.transaction().execute(async (trx) => {
      for (const [place, key] of keys.entries()) {
        const text = sql<string>`value || ${value}`;
        await trx.updateTable("settings").set({ value: text }).where("key", "=", key).execute();
        if (place === 0) {
          gates[mine]?.open();
          await gates[1 - mine]?.opened;
        }
      }
    });
  await Promise.all([write("1", ["a", "b"], 0), write("2", ["b", "a"], 1)]);
  const rows = await queues.selectFrom("settings").select("value").execute();
  for (const { value } of rows) expect(["12", "21"]).toContain(value);
});

test("letters sort by their bytes, and text with U+0000 is taken", async () => {
  await using ledger = await openLedger();
  for (const number of ["b", "A", "a", "Ä", "B", "_", "z\0"]) {
    await ledger.says("erp", [paid(number, 1000, 1)]);
  }
  const rows = await ledger.context.db
    .selectFrom("invoices")
    .select("number")
    .orderBy("number")
    .execute();
  expect(rows.map(({ number }) => number)).toEqual(["A", "B", "_", "a", "b", "z\u{fffd}", "Ä"]);
  expect(await verifyLedger(ledger.context.db)).toMatchObject({ ok: true });
});
