import { expect, test } from "vitest";
import { replayDelivery } from "#server/deliveries/replay-delivery.ts";
import { tryReplay } from "#server/deliveries/try-replay.ts";
import {
  connectVendor as connect,
  environment,
  putInvoice as put,
} from "../support/connect-vendor.ts";
import { startTestPortal, type TestPortal } from "../support/start-portal.ts";
import { addVendorConnector, vendorApp } from "../support/vendor-connector.ts";
import { notice, startVendor } from "../support/vendor.ts";

addVendorConnector();

const source = { kind: "operator", name: "test" } as const;

const send = (running: TestPortal, events: { account: string; id: string }[], to = "cloud") =>
  fetch(`${running.url}/webhooks/${to}`, notice(events));

test("a delivery to the app is recorded as each organisation that it names", async () => {
  await using vendor = await startVendor();
  vendor.organisations.push({ account: "a2", name: "Kestrel" });
  await using running = await startTestPortal({
    connections: [vendorApp(vendor.url)],
    environment,
  });
  await connect(running);
  for (const id of ["i1", "i2"]) put(vendor, id);
  const events = [
    { account: "a1", id: "i1" },
    { account: "a2", id: "i2" },
    { account: "a1", id: "i1" },
  ];
  expect((await send(running, events)).status).toBe(200);
  await running.settled();
  const owners = running.portal.db.selectFrom("invoices").select(["number", "owner"]);
  expect(await owners.orderBy("number").execute()).toEqual([
    { number: "INV-i1", owner: "cloud-northwind-ltd" },
    { number: "INV-i2", owner: "cloud-kestrel" },
  ]);
  expect(vendor.asked("GET /a1/invoices/i1")).toBe(1);
  const [issued] = await running.events("INV-i2", "invoice.issued");
  expect(issued?.source).toMatchObject({ kind: "connection", connection: "cloud-kestrel" });
  const heard = running.portal.db.selectFrom("connections").select(["id", "delivered"]);
  expect((await heard.where("app", "is not", null).execute()).map((row) => row.delivered)).toEqual([
    1, 1,
  ]);
});

test("an organisation has no address of its own", async () => {
  await using vendor = await startVendor();
  await using running = await startTestPortal({
    connections: [vendorApp(vendor.url)],
    environment,
  });
  await connect(running);
  const answer = await send(running, [{ account: "a1", id: "i1" }], "cloud-northwind-ltd");
  expect(answer.status).toBe(404);
  expect(await running.portal.db.selectFrom("deliveries").selectAll().execute()).toEqual([]);
});

test("what is about an unknown organisation is acknowledged, shown, and recorded by a replay later", async () => {
  await using vendor = await startVendor();
  await using running = await startTestPortal({
    connections: [vendorApp(vendor.url)],
    environment,
  });
  await connect(running);
  for (const id of ["i1", "i2"]) put(vendor, id);
  const answer = await send(running, [
    { account: "a2", id: "i2" },
    { account: "a1", id: "i1" },
  ]);
  expect(answer.status).toBe(200);
  await running.settled();
  const { portal } = running;
  const row = () => portal.db.selectFrom("deliveries").selectAll().executeTakeFirstOrThrow();
  expect(await row()).toMatchObject({
    due_at: null,
    error: "No organisation is connected for a2: connect it, then replay this delivery.",
    first_sequence: expect.any(Number),
  });
  expect(await running.events("INV-i1", "invoice.issued")).toHaveLength(1);
  vendor.organisations.push({ account: "a2", name: "Kestrel" });
  await connect(running);
  const { id } = await row();
  expect((await tryReplay(portal, id)).events.map(({ type }) => type)).toEqual(["invoice.issued"]);
  await replayDelivery(portal, source, id);
  await running.settled();
  expect(await row()).toMatchObject({ dead_at: null, error: null });
  expect(await running.events("INV-i2", "invoice.issued")).toHaveLength(1);
  expect(await running.events("INV-i1", "invoice.issued")).toHaveLength(1);
});

test("an organisation whose access ended does not keep the others of the same delivery", async () => {
  await using vendor = await startVendor();
  vendor.organisations.push({ account: "a2", name: "Kestrel" });
  await using running = await startTestPortal({
    connections: [vendorApp(vendor.url)],
    environment,
  });
  await connect(running);
  const { portal } = running;
  const lost = portal.writer.updateTable("connections").set({ grant_id: null });
  await lost.where("account", "=", "a1").execute();
  await portal.connections.reload();
  for (const id of ["i1", "i2"]) put(vendor, id);
  await send(running, [
    { account: "a1", id: "i1" },
    { account: "a2", id: "i2" },
  ]);
  await running.settled();
  expect(await running.events("INV-i2", "invoice.issued")).toHaveLength(1);
  const row = await portal.db.selectFrom("deliveries").selectAll().executeTakeFirstOrThrow();
  expect(row.error).toContain("Northwind Ltd is not connected yet");
  expect(row.due_at).not.toBeNull();
  await connect(running);
  await running.settled();
  expect(await running.events("INV-i1", "invoice.issued")).toHaveLength(1);
});

test("the connections file names organisations by their app; a wrong one is said with all faults", async () => {
  await using vendor = await startVendor();
  const app = vendorApp(vendor.url);
  const organisation = { id: "north", system: "vendor-cloud", app: "cloud", account: "a1" };
  await using running = await startTestPortal({ connections: [organisation, app], environment });
  await connect(running);
  expect(running.portal.connections.list().map(({ id, grant }) => [id, grant !== null])).toEqual([
    ["cloud", false],
    ["north", true],
  ]);
  const apply = (entries: object[]) =>
    running.portal.connections.applyFile(JSON.stringify(entries), () => undefined);
  await expect(apply([app, { ...organisation, app: "clouds" }])).rejects.toThrow(
    'north: app: there is no vendor-cloud app connection "clouds"',
  );
  await expect(apply([app, organisation, { ...organisation, id: "south" }])).rejects.toThrow(
    "south: account: another connection is a1 already",
  );
  await expect(apply([app, { ...organisation, account: undefined }])).rejects.toThrow(
    "app and account are given together",
  );
});
