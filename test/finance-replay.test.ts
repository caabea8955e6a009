import { expect, test } from "vitest";
import { disputed } from "#test/support/disputed.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";
import type { TestPortal } from "#test/support/start-portal.ts";

const path = "/finance/deliveries/1";

async function counts({ portal }: TestPortal) {
  const head = portal.db.selectFrom("ledger_head").select("sequence");
  const invoices = portal.db.selectFrom("invoices").select("id");
  const waiting = portal.db.selectFrom("unmatched").select("id");
  return {
    head: (await head.executeTakeFirstOrThrow()).sequence,
    invoices: (await invoices.execute()).length,
    waiting: (await waiting.execute()).length,
  };
}

test("trying a replay shows what would be written and writes nothing, until it is for real", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  const attempt = async () => (await marit.post(path, { do: "try" })).text();
  expect(await attempt()).toContain("No difference");
  // As if the code of that day had not understood these bytes.
  const body = Buffer.from(JSON.stringify(invoiceIssued("INV-7")));
  await portal.portal.writer.updateTable("deliveries").set({ body }).where("id", "=", 1).execute();
  const before = await counts(portal);
  const heard: unknown[] = [];
  const stop = portal.portal.committed.subscribe((events) => heard.push(...events));
  const page = await attempt();
  stop();
  expect(page).toContain("1 event<!-- --> would be written");
  expect(page).toMatch(/Invoice issued, EUR\s1,250\.50/);
  expect(page).toContain("Replay for real");
  expect(await counts(portal)).toEqual(before);
  expect(heard).toEqual([]);
  expect((await marit.post(path, { do: "replay" })).status).toBe(302);
  await portal.settled();
  expect(await portal.events("INV-7", "invoice.issued")).toHaveLength(1);
  expect(await attempt()).toContain("No difference");
});

test("a replay of a change without its invoice would wait, and bytes that say nothing are refused", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  const treat = async (text: string) => {
    const body = Buffer.from(text);
    const change = portal.portal.writer.updateTable("deliveries").set({ body });
    await change.where("id", "=", 1).execute();
    return marit.post(path, { do: "try" });
  };
  const before = await counts(portal);
  const payment = paymentReceived("INV-unknown", { id: "P-1", amount: "10.00" });
  expect(await (await treat(JSON.stringify(payment))).text()).toContain("2 changes wait");
  expect(await counts(portal)).toEqual(before);
  const refused = await treat("not JSON");
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(refused.status).toBeLessThan(500);
});

test("an auditor tries no replay", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const auditor = await portal.as("audit@kestrel.example");
  expect((await auditor.post(path, { do: "try" })).status).toBe(403);
  expect(await auditor.page(path)).not.toContain("Try a replay");
});
