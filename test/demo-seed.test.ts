import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findByNumber, openStore } from "#demo/erp/store.ts";
import { seedDemo } from "#demo/seed.ts";
import { readConfig } from "#server/config.ts";
import { dayIn } from "#domain/time.ts";
import { openContext } from "#server/open-context.ts";

const folder = await mkdtemp(join(tmpdir(), "demo-"));
const now = new Date();
const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const { context, close } = await openContext(readConfig({ DATA_DIR: folder, LOG_LEVEL: "silent" }));
const erpFile = join(folder, "erp.db");

beforeAll(async () => {
  await seedDemo({ context, erpFile, webhookSecret, now, seed: 2026, count: 640 });
}, 120_000);

afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

test("the supplier has at least 600 invoices in every status and five currencies", async () => {
  const rows = await context.db.selectFrom("invoices").select(["status", "currency"]).execute();
  expect(rows.length).toBeGreaterThanOrEqual(600);
  const statuses = new Set(rows.map(({ status }) => status));
  const all = ["open", "overdue", "paid", "partially_paid", "void", "written_off"];
  expect([...statuses].sort()).toEqual(all);
  const currencies = new Set(rows.map(({ currency }) => currency));
  expect([...currencies].sort()).toEqual(["EUR", "GBP", "JPY", "KWD", "USD"]);
});

test("there are disputes in every state, with words of both sides and internal notes", async () => {
  const disputes = await context.db.selectFrom("disputes").select("state").execute();
  const states = new Set(disputes.map(({ state }) => state));
  expect(states.size).toBe(6);
  const said = await context.db.selectFrom("comments").select(["audience", "side"]).execute();
  expect(said.some(({ audience }) => audience === "supplier")).toBe(true);
  expect(said.some(({ side }) => side === "customer")).toBe(true);
});

test("promises were made, kept and broken", async () => {
  const promises = await context.db.selectFrom("promises").select("state").execute();
  const states = new Set(promises.map(({ state }) => state));
  expect([...states]).toEqual(expect.arrayContaining(["made", "kept", "broken"]));
});

test("some payments were learned days after they were made, and nothing lies in the future", async () => {
  const events = await context.db
    .selectFrom("events")
    .where("type", "=", "payment.received")
    .select(["occurred_at", "recorded_at"])
    .execute();
  const learnedLate = events.filter(
    (event) => Date.parse(event.recorded_at) - Date.parse(event.occurred_at) > 86_400_000,
  );
  expect(learnedLate.length).toBeGreaterThan(20);
  const latest =
    events
      .map((event) => event.recorded_at)
      .sort()
      .at(-1) ?? "";
  expect(latest <= now.toISOString()).toBe(true);
});

test("the ERP and the portal agree on every invoice that both know", async () => {
  const store = openStore(erpFile);
  const rows = await context.db
    .selectFrom("invoices")
    .select(["number", "total", "paid", "credited", "due_on"])
    .execute();
  const differing = rows.filter((row) => {
    const invoice = findByNumber(store, row.number);
    return (
      invoice?.total !== row.total ||
      invoice.paid !== row.paid ||
      invoice.credited !== row.credited ||
      invoice.dueOn !== row.due_on
    );
  });
  store.close();
  expect(differing.map(({ number }) => number)).toEqual([]);
});

test("every invoice belongs to a customer, and drafts are known to the ERP alone", async () => {
  const strangers = await context.db
    .selectFrom("invoices")
    .where("customer_id", "is", null)
    .select("number")
    .execute();
  expect(strangers).toEqual([]);
  const store = openStore(erpFile);
  const drafts = store
    .prepare('select number from invoices where document like \'%"status":"draft"%\'')
    .pluck()
    .all();
  store.close();
  expect(drafts.length).toBeGreaterThan(0);
  const known = await context.db
    .selectFrom("invoices")
    .where("number", "in", drafts.map(String))
    .select("number")
    .execute();
  expect(known).toEqual([]);
});

test("what is unpaid and past its due date is overdue", async () => {
  const today = dayIn("Europe/Amsterdam", now.toISOString());
  const missed = await context.db
    .selectFrom("invoices")
    .where("status", "in", ["open", "partially_paid"])
    .where("due_on", "<", today)
    .select("number")
    .execute();
  expect(missed).toEqual([]);
});
