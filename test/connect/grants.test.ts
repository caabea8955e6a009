import { expect, test } from "vitest";
import { removeConnection } from "#server/connections/disconnect.ts";
import { Connections } from "#server/connections/connections.ts";
import { UpstreamError } from "#server/errors.ts";
import { openContext } from "#server/open-context.ts";
import { comeBack, connectVendor, environment, visitVendor } from "../support/connect-vendor.ts";
import { startTestPortal } from "../support/start-portal.ts";
import { addVendorConnector, vendorApp } from "../support/vendor-connector.ts";
import { startVendor, type Vendor } from "../support/vendor.ts";

addVendorConnector();

const source = { kind: "operator", name: "test" } as const;

async function startConnected(vendor: Vendor, clock = () => new Date()) {
  const portal = await startTestPortal({
    connections: [vendorApp(vendor.url)],
    environment,
    clock,
  });
  await connectVendor(portal);
  return portal;
}

test("connecting makes a connection of each organisation, with tokens that nobody can read", async () => {
  await using vendor = await startVendor();
  vendor.organisations.push({ account: "a2", name: "Kestrel & Söhne GmbH" });
  await using running = await startConnected(vendor);
  const { connections, db } = running.portal;
  expect(connections.list().map(({ id, account }) => [id, account])).toEqual([
    ["cloud", null],
    ["cloud-kestrel-sohne-gmbh", "a2"],
    ["cloud-northwind-ltd", "a1"],
  ]);
  const [grant, ...more] = await db.selectFrom("oauth_grants").selectAll().execute();
  expect(more).toEqual([]);
  expect(Buffer.from(grant?.tokens ?? []).toString("latin1")).not.toMatch(/access-1|refresh-1/);
  const audits = (await running.events()).map(({ data }) => ("action" in data ? data.action : ""));
  expect(audits.filter((action) => action === "connection_connected")).toHaveLength(2);
  expect(await connections.get("cloud-northwind-ltd")?.connector.fetch?.({ externalId: "x" })).toBe(
    null,
  );
});

test("the way back works once, within ten minutes, in the session that asked", async () => {
  await using vendor = await startVendor();
  let now = new Date("2026-11-20T10:00:00.000Z");
  await using running = await startTestPortal({
    ...{ connections: [vendorApp(vendor.url)], environment, clock: () => now },
  });
  const begun = () => visitVendor(running);
  const finish = (callback: URLSearchParams, session?: string) =>
    comeBack(running, callback, session);
  await expect(finish(await begun(), "session-2")).rejects.toThrow("begun by somebody else");
  const late = await begun();
  now = new Date("2026-11-20T10:10:00.001Z");
  await expect(finish(late)).rejects.toThrow("older than 10 minutes");
  const right = await begun();
  await finish(right);
  await expect(finish(right)).rejects.toThrow("used already");
  const denied = new URLSearchParams(await begun());
  denied.delete("code");
  denied.set("error", "access_denied");
  await expect(finish(denied)).rejects.toThrow("Vendor Cloud refused: access_denied");
  expect(vendor.tokens.issued()).toBe(1);
});

test("two processes that need a new token at once ask the vendor once, and both get it", async () => {
  await using vendor = await startVendor();
  await using running = await startConnected(vendor);
  const other = await openContext(running.portal.config);
  const connections = await new Connections(other.context).load();
  const id = "cloud-northwind-ltd";
  const fetchers = [running.portal.connections, connections].map(
    (one) => one.get(id)?.connector.fetch,
  );
  vendor.tokens.expire();
  const all = Array.from({ length: 10 }, () =>
    fetchers.map(async (each) => (await each?.({ externalId: "x" })) ?? null),
  );
  expect(await Promise.all(all.flat())).toEqual(Array(20).fill(null));
  expect(vendor.tokens.issued()).toBe(2);
  await connections.close();
  await other.close();
});

test("a token is renewed shortly before it ends, and the newest refresh token outlives a restart", async () => {
  await using vendor = await startVendor();
  let now = new Date("2026-11-20T10:00:00.000Z");
  await using running = await startConnected(vendor, () => now);
  const ask = (connections = running.portal.connections) =>
    connections.get("cloud-northwind-ltd")?.connector.fetch?.({ externalId: "x" });
  await ask();
  expect(vendor.tokens.issued()).toBe(1);
  now = new Date("2026-11-20T10:29:30.000Z");
  await ask();
  expect(vendor.tokens.issued()).toBe(2);
  const next = await openContext(running.portal.config, {
    clock: () => new Date("2026-11-20T12:00:00.000Z"),
  });
  const connections = await new Connections(next.context).load();
  await ask(connections);
  expect(vendor.tokens.issued()).toBe(3);
  await connections.close();
  await next.close();
});

test("a vendor that is busy ends nothing: the next call renews", async () => {
  await using vendor = await startVendor();
  await using running = await startConnected(vendor);
  const ask = () =>
    running.portal.connections.get("cloud-northwind-ltd")?.connector.fetch?.({ externalId: "x" });
  vendor.tokens.expire();
  vendor.tokens.treat("busy");
  await expect(ask()).rejects.toThrow(UpstreamError);
  expect(await ask()).toBeNull();
});

test("a lost answer is made good where the vendor lets the old token work once more", async () => {
  await using vendor = await startVendor({ grace: true });
  await using running = await startConnected(vendor);
  const ask = () =>
    running.portal.connections.get("cloud-northwind-ltd")?.connector.fetch?.({ externalId: "x" });
  vendor.tokens.expire();
  vendor.tokens.treat("lose");
  await expect(ask()).rejects.toMatchObject({ outcome: "not_sent" });
  expect(await ask()).toBeNull();
  expect(vendor.tokens.issued()).toBe(3);
});

test("a grant that the vendor ended needs connecting anew, finance is told once, and it works again then", async () => {
  await using vendor = await startVendor();
  await using running = await startConnected(vendor);
  await running.addStaff("finance@example.com");
  const { portal } = running;
  const id = "cloud-northwind-ltd";
  const ask = () => portal.connections.get(id)?.connector.fetch?.({ externalId: "x" });
  vendor.tokens.expire();
  vendor.tokens.treat("lose");
  await expect(ask()).rejects.toThrow(UpstreamError);
  for (let times = 0; times < 3; times++) {
    await expect(ask()).rejects.toThrow("Vendor Cloud must be connected anew: invalid_grant");
  }
  const asked = vendor.asked("POST /token");
  const mails = portal.db.selectFrom("outbox").select(["what", "state"]);
  const sent = [{ what: "finance_connection_lost", state: "accepted" }];
  await expect.poll(() => mails.where("kind", "=", "mail").execute()).toEqual(sent);
  await connectVendor(running);
  expect(vendor.asked("POST /token")).toBe(asked + 1);
  expect(portal.connections.list()).toHaveLength(2);
  expect(await ask()).toBeNull();
  expect(await portal.db.selectFrom("oauth_grants").selectAll().execute()).toHaveLength(1);
});

test("token calls go to no private address that was not allowed", async () => {
  await using vendor = await startVendor();
  await using running = await startTestPortal({ connections: [vendorApp(vendor.url)] });
  await expect(connectVendor(running)).rejects.toThrow("is a private address");
  expect(vendor.asked("POST /token")).toBe(0);
});

test("removing the last organisation of a grant ends it at the vendor, and says when it could not", async () => {
  await using vendor = await startVendor();
  vendor.organisations.push({ account: "a2", name: "Kestrel" });
  await using running = await startConnected(vendor);
  const { portal } = running;
  await expect(removeConnection(portal, source, "cloud")).rejects.toThrow("connections file");
  expect(await removeConnection(portal, source, "cloud-kestrel")).toBeNull();
  expect(vendor.tokens.revoked).toEqual([]);
  expect(await removeConnection(portal, source, "cloud-northwind-ltd")).toBeNull();
  expect(vendor.tokens.revoked).toEqual(["refresh-1"]);
  await connectVendor(running);
  await removeConnection(portal, source, "cloud-kestrel");
  await vendor[Symbol.asyncDispose]();
  expect(await removeConnection(portal, source, "cloud-northwind-ltd")).toContain(
    "Vendor Cloud could not be told",
  );
  expect(portal.connections.list().map(({ id }) => id)).toEqual(["cloud"]);
});

test("tokens are sealed anew when APP_SECRET is replaced", async () => {
  await using vendor = await startVendor();
  await using running = await startConnected(vendor);
  const { config } = running.portal;
  const fresh = "another secret of the tests, long enough";
  for (const appSecrets of [[fresh, ...config.appSecrets], [fresh]]) {
    const { context, close } = await openContext({ ...config, appSecrets });
    const connections = await new Connections(context).load();
    await connections.reseal();
    const { connector } = connections.get("cloud-northwind-ltd") ?? {};
    expect(await connector?.fetch?.({ externalId: "x" })).toBeNull();
    await connections.close();
    await close();
  }
});
