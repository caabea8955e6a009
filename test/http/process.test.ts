import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sql } from "kysely";
import { connect } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import { replayDelivery } from "#server/deliveries/replay-delivery.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { databaseOf } from "#test/support/database.ts";
import { startTestPortal, webhookSecret, type TestPortal } from "#test/support/start-portal.ts";

const hourMs = 3_600_000;
const source = { kind: "operator", name: "test" } as const;

const deliveries = ({ portal }: TestPortal) =>
  portal.db.selectFrom("deliveries").selectAll().orderBy("id").execute();

/** A system that can be asked for invoices; it is down until `invoice` says what it answers. */
async function startSystem() {
  const system: { invoice: unknown; address: string } & Disposable = {
    invoice: null,
    address: "",
    [Symbol.dispose]: () => void server.close(),
  };
  const server = createServer((_incoming, outgoing) => {
    const isUp = system.invoice !== null;
    outgoing.writeHead(isUp ? 200 : 503, { "content-type": "application/json" });
    outgoing.end(JSON.stringify(isUp ? system.invoice : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address && typeof address !== "string") system.address = `http://127.0.0.1:${address.port}`;
  return system;
}

/** A portal that knows INV-7 and was told two things of one version: only the system can say which holds. */
async function startInDoubt(address: string, clock: () => Date) {
  const portal = await startTestPortal({
    clock,
    environment: { OUTBOUND_ALLOW: "127.0.0.0/8" },
    connections: [
      {
        id: "erp",
        system: "standard-webhooks",
        settings: { fetchUrl: address },
        secrets: { webhookSecret, fetchToken: "token" },
      },
    ],
  });
  await portal.deliver("erp", invoiceIssued("INV-7"));
  await portal.settled();
  await portal.deliver("erp", invoiceIssued("INV-7", { total: "1300.00", balance: "1300.00" }));
  const inDoubt = async () => (await deliveries(portal))[1];
  return { portal, inDoubt };
}

/** Makes the database refuse one customer record. */
async function poison(dataDir: string): Promise<void> {
  const { owner, close } = connect((await databaseOf(dataDir)).url);
  const statements = isPostgres(owner)
    ? [
        `create function poison() returns trigger language plpgsql as
          $$ begin raise exception 'poisoned'; end $$`,
        `create trigger poison before insert on customer_records for each row
          when (new.name = 'Poison') execute function poison()`,
      ]
    : [
        `create trigger poison before insert on customer_records when new.name = 'Poison'
          begin select raise(abort, 'poisoned'); end`,
      ];
  for (const statement of statements) await sql.raw(statement).execute(owner);
  await close();
}

test("one delivery that cannot be recorded does not keep its neighbours from the ledger", async () => {
  await using portal = await startTestPortal();
  await poison(portal.dataDir);
  const customer = { id: "C-9", name: "Poison" };
  await Promise.all([
    portal.deliver("erp", invoiceIssued("INV-1")),
    portal.deliver("erp", invoiceIssued("INV-2", { customer })),
    portal.deliver("erp", invoiceIssued("INV-3")),
  ]);
  await portal.settled();
  expect(await portal.events("INV-1", "invoice.issued")).toHaveLength(1);
  expect(await portal.events("INV-3", "invoice.issued")).toHaveLength(1);
  const failed = (await deliveries(portal)).filter(({ due_at }) => due_at !== null);
  expect(failed).toMatchObject([{ attempts: 1, error: "poisoned", processed_at: null }]);
});

test("a system that is down is asked ten times, then the delivery is dead until it is replayed", async () => {
  using erp = await startSystem();
  let now = Date.parse("2026-11-20T10:00:00.000Z");
  const started = await startInDoubt(erp.address, () => new Date(now));
  await using portal = started.portal;
  for (let attempt = 1; attempt <= 10; attempt++) {
    await portal.settled();
    expect(await started.inDoubt()).toMatchObject({ attempts: attempt, processed_at: null });
    now += 2 * hourMs;
  }
  const dead = await started.inDoubt();
  expect(dead?.due_at).toBeNull();
  expect(dead?.dead_at).not.toBeNull();
  expect(dead?.error).toContain("503");

  erp.invoice = invoiceIssued("INV-7", {
    total: "1300.00",
    balance: "1300.00",
    version: 2,
  }).data.invoice;
  await replayDelivery(portal.portal, source, dead?.id ?? 0);
  await portal.settled();
  const invoices = await portal.portal.db.selectFrom("invoices").select("total").execute();
  expect(invoices).toEqual([{ total: 130_000 }]);
  const done = { dead_at: null, due_at: null, error: null, origin: "replay" };
  expect(await started.inDoubt()).toMatchObject(done);
});

test("pauses between attempts grow from seconds to an hour", async () => {
  using erp = await startSystem();
  let now = Date.parse("2026-11-20T10:00:00.000Z");
  const started = await startInDoubt(erp.address, () => new Date(now));
  await using portal = started.portal;
  const pauses: number[] = [];
  for (let attempt = 1; attempt < 10; attempt++) {
    await portal.settled();
    const dueAt = Date.parse((await started.inDoubt())?.due_at ?? "");
    pauses.push((dueAt - now) / 1000);
    now = dueAt;
  }
  const [first = 0] = pauses;
  expect(first >= 5 && first <= 6).toBe(true);
  expect(pauses.slice(0, 6).toSorted((a, b) => a - b)).toEqual(pauses.slice(0, 6));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(4320);
});

test("deliveries are recorded in the order in which they arrived", async () => {
  await using portal = await startTestPortal();
  const numbers = Array.from({ length: 150 }, (_, index) => `INV-${index}`);
  for (const number of numbers) await portal.deliver("erp", invoiceIssued(number));
  await portal.settled();
  const rows = await deliveries(portal);
  const sequences = rows.map((row) => row.first_sequence ?? 0);
  expect(sequences).toHaveLength(150);
  expect(sequences.toSorted((a, b) => a - b)).toEqual(sequences);
});

test("what was stored before a stop is processed after the next start", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "portal-test-"));
  {
    await using portal = await startTestPortal({ dataDir });
    await portal.deliver("erp", invoiceIssued("INV-1"));
    await portal.settled();
  }
  const stopped = connect((await databaseOf(dataDir)).url);
  const waiting = {
    dedupe_key: "stored just before the stop",
    body: Buffer.from(JSON.stringify(invoiceIssued("INV-2"))),
    due_at: "2026-01-01T00:00:00.000Z",
  };
  await stopped.writer.updateTable("deliveries").set(waiting).execute();
  await stopped.close();
  {
    await using portal = await startTestPortal({ dataDir });
    await portal.settled();
    expect(await portal.events("INV-2", "invoice.issued")).toHaveLength(1);
  }
  await rm(dataDir, { recursive: true });
});

test("a stored body that can no longer be read is dead at once, with the reason", async () => {
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("INV-1"));
  await portal.settled();
  const row = { body: Buffer.from("{}"), due_at: "2026-01-01T00:00:00.000Z" };
  await portal.portal.writer.updateTable("deliveries").set(row).execute();
  await portal.settled();
  const [dead] = await deliveries(portal);
  expect(dead?.dead_at).not.toBeNull();
  expect(dead?.error).not.toBeNull();
  expect(dead?.due_at).toBeNull();
});
