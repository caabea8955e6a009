import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { record } from "#server/ledger/record.ts";
import { reconcile } from "#server/reconcile/run.ts";
import { moveRow } from "./connectors/odoo-records.ts";
import { startOdoo } from "./connectors/odoo-server.ts";
import { startTestPortal } from "./support/start-portal.ts";

const token = "test-secret-odoo";
const samples = join(import.meta.dirname, "connectors", "odoo");

/** A portal that is connected with a small Odoo, and its clock. */
async function startConnected(settings: object = {}) {
  const odoo = await startOdoo();
  let now = new Date("2026-11-20T08:00:00.000Z");
  const portal = await startTestPortal({
    clock: () => now,
    environment: { OUTBOUND_ALLOW: "127.0.0.0/8" },
    connections: [
      {
        id: "odoo",
        system: "odoo",
        settings: { url: odoo.url, customFields: true, ...settings },
        secrets: { webhookSecret: token, apiKey: "key-of-portal-bot" },
      },
    ],
  });
  return {
    odoo,
    portal,
    /** The automation rule's notice about an invoice. */
    notice: (fields: object = {}) =>
      fetch(`${portal.url}/webhooks/odoo?token=${token}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ _model: "account.move", _id: 341, ...fields }),
      }),
    later(ms: number) {
      now = new Date(now.getTime() + ms);
    },
    async [Symbol.asyncDispose]() {
      await portal[Symbol.asyncDispose]();
      await odoo[Symbol.asyncDispose]();
    },
  };
}

test("a notice leads to the invoice, and its token is kept nowhere", async () => {
  await using connected = await startConnected();
  const { odoo, portal, notice } = connected;
  odoo.moves.push(moveRow({ id: 341, name: "INV/2026/00087" }));
  expect((await notice()).status).toBe(200);
  await portal.settled();
  expect(await portal.events("INV/2026/00087", "invoice.issued")).toHaveLength(1);
  Object.assign(odoo.moves[0] ?? {}, {
    ...{ amount_residual: 650.0, payment_state: "partial", write_date: "2026-11-12 08:00:00" },
  });
  await notice({ write_date: "2026-11-12 08:00:00.5" });
  await portal.settled();
  // Odoo says only that less is open: a write-off or another invoice's credit note does the same.
  const [settled] = await portal.events("INV/2026/00087", "invoice.settled");
  expect(settled?.data).toMatchObject({ amount: 50000 });
  expect(await portal.events("INV/2026/00087", "payment.received")).toEqual([]);
  const rows = await portal.portal.db.selectFrom("deliveries").selectAll().execute();
  expect(rows.map(({ path }) => path)).toEqual(Array(2).fill("/webhooks/odoo?token=…"));
  expect(JSON.stringify(rows)).not.toContain(token);
});

test("an answer from before the notice's transaction is asked for again, but not for ever", async () => {
  await using connected = await startConnected();
  const { odoo, portal, notice } = connected;
  odoo.moves.push(moveRow({ id: 341, name: "INV-1", write_date: "2026-11-10 15:02:11" }));
  await notice({ write_date: "2026-11-20 07:59:59.250000" });
  await portal.settled();
  expect(await portal.events("INV-1")).toEqual([]);
  Object.assign(odoo.moves[0] ?? {}, { write_date: "2026-11-20 07:59:59" });
  connected.later(7_000);
  await portal.settled();
  expect(await portal.events("INV-1", "invoice.issued")).toHaveLength(1);
  // A transaction that was rolled back never shows.
  await notice({ write_date: "2026-11-20 08:00:05.000000" });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await portal.settled();
    connected.later(20_000);
  }
  await portal.settled();
  const rows = await portal.portal.db.selectFrom("deliveries").selectAll().execute();
  expect(rows.map(({ dead_at, due_at }) => [dead_at, due_at])).toEqual(Array(2).fill([null, null]));
});

test("a dispute reaches Odoo, is confirmed to the customer, and its echo changes nothing", async () => {
  await using connected = await startConnected();
  const { odoo, portal, notice } = connected;
  odoo.moves.push(moveRow({ id: 341, name: "INV-1" }));
  await notice();
  await portal.settled();
  await portal.addCustomer("Müller Präzision GmbH", "ana@mueller.example");
  const person = { id: "ana", name: "Ana", side: "customer" } as const;
  const invoiceId = await portal.invoiceId("INV-1");
  const part = { reason: "damaged" as const, amount: null, lines: [], message: "Scratched" };
  const action = { kind: "open_dispute" as const, invoiceId, ...part };
  const source = { kind: "user", user: "ana" } as const;
  await record(portal.portal, { kind: "person", source, person, actions: [action] });
  portal.portal.wakeOutbox();
  await portal.settled();
  const [confirmed] = await portal.events("INV-1", "writeback.confirmed");
  const reference = String(odoo.messages[0]?.id);
  expect(confirmed?.data).toMatchObject({ reference, readBack: true });
  expect(odoo.moves[0]?.x_portal_dispute_ref).toBe("D-INV-1-01");
  const count = (await portal.events()).length;
  Object.assign(odoo.moves[0] ?? {}, { write_date: "2026-11-20 08:00:00" });
  await notice({ write_date: "2026-11-20 08:00:00.1" });
  await portal.settled();
  expect(await portal.events()).toHaveLength(count);
  // An accountant blocks the payment: somebody looks at it.
  Object.assign(odoo.moves[0] ?? {}, {
    ...{ payment_state: "blocked", write_date: "2026-11-20 08:00:10" },
  });
  connected.later(10_000);
  await notice({ write_date: "2026-11-20 08:00:10.1" });
  await portal.settled();
  const dispute = await portal.portal.db.selectFrom("disputes").select("state").execute();
  expect(dispute).toEqual([{ state: "under_review" }]);
});

test("the add-on's signed push needs nothing to be fetched", async () => {
  await using connected = await startConnected();
  const { odoo, portal } = connected;
  const name = join(samples, "module-paid");
  const headers: Record<string, string> = JSON.parse(readFileSync(`${name}.headers.json`, "utf8"));
  const body = readFileSync(`${name}.json`);
  const sent = await fetch(`${portal.url}/webhooks/odoo`, { method: "POST", headers, body });
  expect(sent.status).toBe(200);
  await portal.settled();
  expect(await portal.events("INV/2026/00087", "invoice.settled")).toHaveLength(1);
  expect(odoo.calls).toEqual([]);
});

test("what no webhook told is found by reconciliation, and what is known changes nothing", async () => {
  await using connected = await startConnected();
  const { odoo, portal } = connected;
  for (let id = 1; id <= 205; id += 1) odoo.moves.push(moveRow({ id, name: `INV-${id}` }));
  const read = () => reconcile(portal.portal, "odoo", { anyTime: true });
  expect(await read()).toMatchObject({ error: null, read: 205 });
  expect(await portal.events(undefined, "invoice.issued")).toHaveLength(205);
  connected.later(3_600_000);
  Object.assign(odoo.moves[0] ?? {}, {
    ...{ amount_residual: 0.0, payment_state: "in_payment", write_date: "2026-11-20 08:30:00" },
  });
  odoo.moves.push(
    moveRow({
      ...{ id: 900, move_type: "out_refund", reversed_entry_id: [2, "INV-2"], name: "RINV-1" },
      ...{ amount_total: 150.0, amount_residual: 0.0, write_date: "2026-11-20 08:40:00" },
    }),
  );
  Object.assign(odoo.moves[1] ?? {}, { amount_residual: 1000.0, payment_state: "partial" });
  await read();
  const [payment] = await portal.events("INV-1", "invoice.settled");
  expect(payment?.data).toMatchObject({ amount: 115000 });
  const [adjusted] = await portal.events("INV-2", "invoice.adjusted");
  expect(adjusted?.data).toMatchObject({ amount: 15000, settlement: { due: 100000 } });
  connected.later(3_600_000);
  const before = (await portal.events()).length;
  expect(await read()).toMatchObject({ error: null, differed: 0 });
  expect(await portal.events()).toHaveLength(before);
  // Taken back again in Odoo.
  Object.assign(odoo.moves[205] ?? {}, {
    ...{ amount_residual: 150.0, write_date: "2026-11-20 09:50:00" },
  });
  Object.assign(odoo.moves[1] ?? {}, { amount_residual: 1150.0, payment_state: "not_paid" });
  connected.later(3_600_000);
  await read();
  const invoice = await portal.portal.db
    .selectFrom("invoices")
    .select(["due", "paid", "credited"])
    .where("number", "=", "INV-2")
    .executeTakeFirst();
  expect(invoice).toEqual({ due: 115000, paid: 0, credited: 0 });
});
