import { expect, test } from "vitest";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const start = Date.parse("2026-11-30T10:00:00.000Z");

/** A message of INV-1; `minute` is when it happened and is sent. */
function message(minute: number, invoice: Record<string, unknown>) {
  const about = { number: "INV-1", externalId: "x-1", currency: "EUR", total: "100.00" };
  const customer = { id: "C-1", name: "Acme Tooling" };
  const timestamp = new Date(start + minute * 60_000).toISOString();
  return {
    type: "invoice.updated",
    timestamp,
    data: { invoice: { ...about, customer, ...invoice } },
  };
}

async function started() {
  let now = new Date(start);
  const portal = await startTestPortal({ clock: () => now });
  await portal.addStaff("marit@kestrel.example");
  const tell = async (minute: number, invoice: Record<string, unknown>) => {
    now = new Date(start + minute * 60_000);
    const answer = await portal.deliver("erp", message(minute, invoice));
    expect(answer.status).toBe(204);
    await portal.settled();
  };
  return { portal, tell };
}

async function notices({ portal }: TestPortal) {
  const query = portal.db.selectFrom("finance_notices").select(["id", "action"]);
  return query.where("closed_at", "is", null).orderBy("action").execute();
}

const open = { paid: "0.00", balance: "100.00" };
const paid = { paid: "100.00", balance: "0.00" };
const dueOf = async ({ portal }: TestPortal) =>
  (await portal.db.selectFrom("invoices").select("due").executeTakeFirstOrThrow()).due;

test("a counter that began anew is told to finance, who can believe it from there", async () => {
  const { portal, tell } = await started();
  await using _ = portal;
  await tell(0, { ...open, version: 900 });
  await tell(10, { ...paid, version: 3 });
  expect(await dueOf(portal)).toBe(10000);
  const [notice] = await notices(portal);
  expect(notice?.action).toBe("version_behind");
  const marit = await portal.as("marit@kestrel.example");
  const page = await marit.page("/finance/notices");
  expect(page).toContain("A newer message carries an older version");
  expect(page).toContain("Believe it from here");
  const answer = await marit.post("/finance/notices", { do: "believe", notice: notice?.id ?? "" });
  expect(answer.status).toBe(302);
  await portal.settled();
  expect(await dueOf(portal)).toBe(0);
  expect(await notices(portal)).toEqual([]);
  await tell(20, { ...open, version: 4 });
  expect(await dueOf(portal)).toBe(10000);
  await tell(21, { ...paid, version: 5 });
  expect(await dueOf(portal)).toBe(0);
});

test("a time far ahead does not freeze the invoice, and finance is told", async () => {
  const { portal, tell } = await started();
  await using _ = portal;
  await tell(0, { ...open, updatedAt: "2062-11-29T10:00:00Z" });
  await tell(1, { ...paid, updatedAt: "2026-11-30T10:01:00Z" });
  expect(await dueOf(portal)).toBe(0);
  expect((await notices(portal)).map(({ action }) => action)).toEqual(["clock_ahead"]);
});

test("a status that its sums contradict, and sums that do not add up, are shown to finance", async () => {
  const { portal, tell } = await started();
  await using _ = portal;
  await tell(0, { ...open, status: "paid", version: 1 });
  await tell(1, { total: "1000.00", paid: "300.00", balance: "900.00", version: 2 });
  const rows = await notices(portal);
  expect(rows.map(({ action }) => action)).toEqual(["status_mismatch"]);
  const marit = await portal.as("marit@kestrel.example");
  expect(await marit.page("/finance/notices")).toContain("30000 + 90000");
  const done = await marit.post("/finance/notices", { do: "done", notice: rows[0]?.id ?? "" });
  expect(done.status).toBe(302);
  expect(await notices(portal)).toEqual([]);
});

test("an auditor sees what is to be looked at and settles nothing", async () => {
  const { portal, tell } = await started();
  await using _ = portal;
  await portal.addStaff("aud@kestrel.example", "auditor");
  await tell(0, { ...open, status: "paid", version: 1 });
  const auditor = await portal.as("aud@kestrel.example");
  expect(await auditor.page("/finance/notices")).toContain("To look at");
  const [notice] = await notices(portal);
  const answer = await auditor.post("/finance/notices", { do: "done", notice: notice?.id ?? "" });
  expect(answer.status).toBe(403);
  expect(await notices(portal)).toHaveLength(1);
});
