import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { healthOf } from "#server/connections/connection-health.ts";
import { Connections } from "#server/connections/connections.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

vi.setConfig({ testTimeout: 90_000 });

const secret = `whsec_${createHash("sha256").update("a secret of the tests").digest("base64")}`;
const path = "/finance/connections/shop";
const kept = {
  do: "change",
  name: "Shop",
  "settings.fetchUrl": "https://erp.example/invoices",
};

let portal: TestPortal;
afterEach(() => portal[Symbol.asyncDispose]());

/** A portal with an administrator and a connection that is not the file's. */
async function withShop() {
  portal = await startTestPortal();
  await portal.addStaff("ada@kestrel.example", "administrator");
  const ada = await portal.as("ada@kestrel.example");
  const added = await ada.post("/finance/connections/new?system=standard-webhooks", {
    do: "add",
    system: "standard-webhooks",
    id: "shop",
    name: "Shop",
    "settings.fetchUrl": "https://erp.example/invoices",
    "secrets.webhookSecret": secret,
    "secrets.fetchToken": "tok-very-secret",
  });
  expect(added.status).toBe(302);
  return { ada, added: await ada.page(added.headers.get("location") ?? "") };
}

async function lastAudit(action: string) {
  const events = await portal.events();
  const audits = events.flatMap(({ type, data }) =>
    type === "audit.recorded" && "action" in data && data.action === action ? [data] : [],
  );
  return audits.at(-1);
}

test("a new connection waits for its first delivery and is no alarm", async () => {
  const { ada, added } = await withShop();
  expect(added).toContain("Added. Now set it up there");
  const page = await ada.page("/finance/connections");
  expect(page).toContain("Waiting for its first delivery");
  expect(page).not.toContain("Silent");
  expect(healthOf({ paused_at: null, last_delivery_at: null }, null, "2026-11-20")).toBe("waiting");
});

test("a new address needs no secret that is used at another one", async () => {
  const { ada } = await withShop();
  const writeBack = {
    "settings.writeBackUrl": "https://erp.example/portal",
    "secrets.writeBackSecret": secret,
  };
  expect((await ada.post(path, { ...kept, ...writeBack })).status).toBe(302);
  const both = { ...kept, "settings.writeBackUrl": "https://erp.example/portal" };
  const fetched = { "settings.fetchUrl": "https://new.example/api", "secrets.fetchToken": "tok-2" };
  expect((await ada.post(path, { ...both, ...fetched })).status).toBe(302);
  const moved = { ...both, ...fetched, "settings.writeBackUrl": "https://new.example/portal" };
  const refused = await ada.post(path, moved);
  expect(refused.status).toBe(422);
  // Of one field, on the page and in the data that it is drawn from.
  expect((await refused.text()).match(/Write it again/g)).toHaveLength(2);
  expect((await ada.post(path, { ...moved, ...writeBack, ...fetched })).status).toBe(302);
});

test("a new address needs the secrets that go there, and the ledger says what changed", async () => {
  const { ada } = await withShop();
  const moved = { ...kept, "settings.fetchUrl": "https://thief.example/invoices" };
  const refused = await ada.post(path, moved);
  expect(refused.status).toBe(422);
  const words = await refused.text();
  expect(words).toContain("Write it again: the address is another one");
  expect(words).not.toContain("tok-very-secret");
  const known = portal.portal.connections.get("shop");
  expect(known?.settings["fetchUrl"]).toBe("https://erp.example/invoices");
  expect((await ada.post(path, { ...kept, name: "Web shop" })).status).toBe(302);
  const done = await ada.post(path, { ...moved, "secrets.fetchToken": "tok-of-there" });
  expect(await ada.page(done.headers.get("location") ?? "")).toContain("Kept, and written to");
  expect(await lastAudit("connection_changed")).toMatchObject({
    subject: "shop",
    details: {
      "settings.fetchUrl": "https://erp.example/invoices → https://thief.example/invoices",
      "secrets.fetchToken": "secret replaced",
      name: "Web shop → Shop",
    },
  });
  const audit = await ada.page("/finance/audit?type=audit.recorded");
  expect(audit).toContain("secret replaced");
  expect(audit).not.toContain("tok-");
  expect(audit).not.toContain(secret);
});

test("all faults of a form are told at once, each under its field, and no secret comes back", async () => {
  const { ada } = await withShop();
  const refused = await ada.post("/finance/connections/new?system=standard-webhooks", {
    do: "add",
    system: "standard-webhooks",
    id: "Not Good",
    name: "x".repeat(101),
    "settings.fetchUrl": "nowhere",
    "secrets.publicKey": "typed-but-wrong",
  });
  expect(refused.status).toBe(422);
  const page = await refused.text();
  expect(page.match(/class="field__error"/g)?.length).toBeGreaterThanOrEqual(4);
  expect(page).toContain("look at what is marked");
  expect(page).not.toMatch(/settings\.fetchUrl: |id: needs/);
  expect(page).not.toContain("typed-but-wrong");
});

test("a connection that a command added just after the start is noticed", async () => {
  portal = await startTestPortal();
  const command = await new Connections(portal.portal).load();
  const input = { id: "late", system: "standard-webhooks", secrets: { webhookSecret: secret } };
  await command.add(input, { kind: "operator", name: "command line" });
  expect(portal.portal.connections.get("late")).toBeUndefined();
  await portal.portal.connections.reloadChanged();
  expect(portal.portal.connections.get("late")?.name).toBe("Standard Webhooks");
  await command.close();
});

test("dead deliveries are dismissed with a reason and ask for nobody then", async () => {
  const { ada } = await withShop();
  for (const number of ["A", "B", "C"]) {
    await portal.deliver("erp", { type: "invoice.issued", data: { invoice: { number } } });
  }
  expect(await ada.page("/finance/connections")).toContain("Not understood");
  expect((await ada.post("/finance/deliveries/1", { do: "dismiss", reason: " " })).status).toBe(
    422,
  );
  const one = await ada.post("/finance/deliveries/1", { do: "dismiss", reason: "A first test" });
  expect(one.status).toBe(302);
  expect(await ada.page("/finance/deliveries?state=dead")).toContain("0 waiting, 2 dead");
  expect(await lastAudit("delivery_dismissed")).toMatchObject({
    subject: "1",
    details: { reason: "A first test", count: 1 },
  });
  const all = { do: "dismiss", connection: "erp", reason: "The others, too" };
  expect((await ada.post("/finance/deliveries", all)).status).toBe(302);
  expect(await ada.page("/finance/deliveries")).toContain("0 waiting, 0 dead");
  expect(await ada.page("/finance/deliveries?state=dismissed")).toContain("/finance/deliveries/3");
  expect((await ada.post("/finance/deliveries", all)).status).toBe(409);
  await portal.deliver("erp", invoiceIssued("INV-1"));
  await portal.settled();
  expect(await ada.page("/finance/connections")).toContain("Working");
});
