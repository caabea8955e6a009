import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deleteOldRuns } from "#db/queries/reconcile.ts";
import { reconcile } from "#server/reconcile/run.ts";
import { connectVendor, environment, putInvoice } from "../support/connect-vendor.ts";
import { startTestPortal, type TestPortal } from "../support/start-portal.ts";
import { addVendorConnector, vendorApp } from "../support/vendor-connector.ts";
import { notice, startVendor, type Vendor } from "../support/vendor.ts";

addVendorConnector();

const id = "cloud-northwind-ltd";
const at = (time: string) => `2026-11-20T${time}.000Z`;

interface Given {
  dataDir?: string;
  clock?: () => Date;
}

async function start(vendor: Vendor, given: Given = {}) {
  const running = await startTestPortal({
    ...{ connections: [vendorApp(vendor.url)], environment, ...given },
  });
  if (!running.portal.connections.get(id)) await connectVendor(running);
  return running;
}

const run = ({ portal }: TestPortal) => reconcile(portal, id, { anyTime: true });

async function totals({ portal }: TestPortal) {
  const rows = portal.db.selectFrom("invoices").select(["number", "paid"]).orderBy("number");
  return (await rows.execute()).map(({ number, paid }) => `${number} ${paid}`);
}

test("the first run brings every invoice in, and mails nobody", async () => {
  await using vendor = await startVendor({ pageSize: 2 });
  await using running = await start(vendor);
  await running.addStaff("finance@example.com");
  for (const each of ["1", "2", "3", "4", "5"]) putInvoice(vendor, each);
  expect(await run(running)).toMatchObject({ read: 5, differed: 5, error: null });
  expect(await totals(running)).toHaveLength(5);
  const outbox = await running.portal.db.selectFrom("outbox").select("what").execute();
  expect(outbox).toEqual([]);
  expect(await running.events(undefined, "reconciliation.corrected")).toEqual([]);
});

test("a page may end between invoices that changed at the same moment", async () => {
  await using vendor = await startVendor({ pageSize: 2 });
  await using running = await start(vendor);
  for (const each of ["1", "2", "3", "4", "5"])
    putInvoice(vendor, each, { changedAt: at("08:00:00") });
  await run(running);
  expect(await totals(running)).toHaveLength(5);
  expect(await running.events(undefined, "invoice.issued")).toHaveLength(5);
  expect(vendor.books.asked.map(({ cursor }) => cursor)).toEqual([
    null,
    `${at("08:00:00")}|2`,
    `${at("08:00:00")}|4`,
  ]);
});

test("a run that broke off goes on from its page in the next process, and counts nothing twice", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "reconcile-"));
  let now = new Date(at("10:00:00"));
  await using vendor = await startVendor({ pageSize: 2, now: () => now });
  const given = { dataDir, clock: () => now };
  for (const each of ["1", "2", "3", "4", "5"]) putInvoice(vendor, each);
  const first = await start(vendor, given);
  vendor.books.onPage((page) => (page === 2 ? "break" : undefined));
  const broken = await run(first);
  expect(broken?.error).toContain("could not be reached");
  expect(broken).toMatchObject({ read: 2, ended_at: null, failed_at: at("10:00:00") });
  await first.close();
  now = new Date(at("10:30:00"));
  const second = await start(vendor, given);
  const whole = await run(second);
  expect(whole).toMatchObject({ id: broken?.id, read: 5, differed: 5, error: null });
  expect(whole).toMatchObject({ began_at: at("10:00:00"), ended_at: at("10:30:00") });
  expect(vendor.books.asked.map(({ cursor }) => cursor?.split("|")[1] ?? null)).toEqual([
    null,
    "2",
    "2",
    "4",
  ]);
  await run(second);
  expect(vendor.books.asked.at(-1)?.since).toBe(at("09:50:00"));
  await second.close();
  await rm(dataDir, { recursive: true });
});

test("what changes while a run is under way is seen by it or by the next, once", async () => {
  await using vendor = await startVendor({ pageSize: 2 });
  let now = new Date(at("10:00:00"));
  await using running = await start(vendor, { clock: () => now });
  for (const each of ["1", "2", "3", "4"]) putInvoice(vendor, each);
  vendor.books.onPage((page) => {
    if (page !== 2) return;
    // "1" was read before, "4" comes on this very page; both changed just now.
    const paid = { paid: 500, revision: 2, changedAt: at("10:00:01") };
    putInvoice(vendor, "1", paid);
    putInvoice(vendor, "4", paid);
  });
  await run(running);
  now = new Date(at("11:00:00"));
  await run(running);
  expect(await totals(running)).toEqual(["INV-1 500", "INV-2 0", "INV-3 0", "INV-4 500"]);
  expect(await running.events(undefined, "payment.received")).toHaveLength(2);
  expect(await running.events(undefined, "invoice.issued")).toHaveLength(4);
});

test("a system whose clock is behind ours loses nothing between two runs", async () => {
  let now = new Date(at("10:00:00"));
  const behind = () => new Date(now.getTime() - 45 * 60_000);
  await using vendor = await startVendor({ now: behind });
  await using running = await start(vendor, { clock: () => now });
  putInvoice(vendor, "1");
  await run(running);
  now = new Date(at("10:05:00"));
  putInvoice(vendor, "2", { changedAt: behind().toISOString() });
  now = new Date(at("11:00:00"));
  await run(running);
  // 10:00 by our clock, less what its clock is behind, less ten minutes; `Date` is a second coarse.
  expect(vendor.books.asked.at(-1)?.since).toBe(at("09:05:01"));
  expect(await totals(running)).toHaveLength(2);
});

test("what no delivery had told is put right, told in the ledger and mailed to finance once a run", async () => {
  await using vendor = await startVendor();
  let now = new Date(at("10:00:00"));
  await using running = await start(vendor, { clock: () => now });
  await running.addStaff("finance@example.com");
  for (const each of ["1", "2", "3"]) putInvoice(vendor, each);
  await fetch(`${running.url}/webhooks/cloud`, notice([{ account: "a1", id: "1" }]));
  await running.settled();
  await run(running);
  now = new Date(at("12:00:00"));
  const missed = { paid: 1000, revision: 2, changedAt: at("11:00:00") };
  putInvoice(vendor, "1", missed);
  putInvoice(vendor, "2", missed);
  expect(await run(running)).toMatchObject({ differed: 2 });
  const corrected = await running.events(undefined, "reconciliation.corrected");
  expect(corrected.map(({ data, audience }) => [audience, data])).toMatchObject([
    ["supplier", { connection: id, types: ["payment.received"] }],
    ["supplier", { connection: id, types: ["payment.received"] }],
  ]);
  const mails = () => running.portal.db.selectFrom("outbox").select(["what", "state"]).execute();
  const sent = [{ what: "finance_reconciliation", state: "accepted" }];
  await expect.poll(mails).toEqual(sent);
  now = new Date(at("13:00:00"));
  expect(await run(running)).toMatchObject({ differed: 0 });
  expect(await mails()).toHaveLength(1);
});

test("a long reading gives way between two pages, and goes on where it was", async () => {
  await using vendor = await startVendor({ pageSize: 2 });
  await using running = await start(vendor);
  for (const each of ["1", "2", "3", "4", "5"]) putInvoice(vendor, each);
  const slice = () => reconcile(running.portal, id, { anyTime: false, givesWay: () => true });
  expect(await slice()).toMatchObject({ read: 2, ended_at: null, error: null });
  expect(await slice()).toMatchObject({ read: 4, ended_at: null, error: null });
  expect(await slice()).toMatchObject({ read: 5, ended_at: expect.any(String) });
  expect(await slice()).toBeNull();
});

test("it runs when its time has come, and never twice at once", async () => {
  await using vendor = await startVendor();
  let now = new Date(at("10:00:00"));
  await using running = await start(vendor, { clock: () => now });
  putInvoice(vendor, "1");
  const { portal, scheduler } = running;
  const lists = () => vendor.asked("GET /a1/invoices");
  const due = () => reconcile(portal, id, { anyTime: false });
  const both = await Promise.all([due(), due()]);
  expect(both.filter((each) => each === null)).toHaveLength(1);
  now = new Date(at("10:59:59"));
  await scheduler.runAll();
  expect(lists()).toBe(1);
  now = new Date(at("11:00:00"));
  await scheduler.runAll();
  expect(lists()).toBe(2);
});

test("what runs did is forgotten after ninety days, but the last one", async () => {
  await using vendor = await startVendor();
  let now = new Date(at("10:00:00"));
  await using running = await start(vendor, { clock: () => now });
  const { portal, scheduler } = running;
  const runs = async () =>
    (
      await portal.db.selectFrom("reconcile_runs").select("began_at").orderBy("began_at").execute()
    ).map(({ began_at }) => began_at);
  await run(running);
  now = new Date(at("10:01:00"));
  await run(running);
  expect(await runs()).toEqual([at("10:00:00"), at("10:01:00")]);
  now = new Date("2027-02-19T10:00:00.000Z");
  await deleteOldRuns(portal.writer, "2027-02-18T10:00:00.000Z");
  expect(await runs()).toEqual([at("10:01:00")]);
  await scheduler.runAll();
  expect(await runs()).toEqual([now.toISOString()]);
});
