import { expect, test } from "vitest";
import { rejectionsOf } from "#db/queries/rejections.ts";
import { replayDelivery } from "#server/deliveries/replay-delivery.ts";
import { tryReplay } from "#server/deliveries/try-replay.ts";
import { lookForMissing } from "#server/reconcile/look-for-missing.ts";
import { reconcile } from "#server/reconcile/run.ts";
import { keepRejections } from "#server/webhooks/keep-rejections.ts";
import { addBooksConnector, type Entry } from "#test/support/books-connector.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const source = { kind: "operator", name: "test" } as const;
const books = addBooksConnector("erp", "void");
const processor = addBooksConnector("payments", "hidden");

async function start(clock?: () => Date) {
  books.entries.clear();
  processor.entries.clear();
  return startTestPortal({
    ...(clock && { clock }),
    connections: [
      { id: "books", system: "books-erp" },
      { id: "processor", system: "books-payments" },
    ],
  });
}

async function send(portal: TestPortal, body: Entry[], connection = "books") {
  const answer = await fetch(`${portal.url}/webhooks/${connection}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  await portal.settled();
  return answer.status;
}

const numbers = async ({ portal }: TestPortal) =>
  (await portal.db.selectFrom("invoices").select("number").orderBy("number").execute()).map(
    ({ number }) => number,
  );
const rejected = async ({ portal }: TestPortal, connection = "books") =>
  (await rejectionsOf(portal.db, connection, 50)).map(({ element, reason }) => [element, reason]);
const lastDelivery = ({ portal }: TestPortal) =>
  portal.db.selectFrom("deliveries").selectAll().orderBy("id", "desc").executeTakeFirstOrThrow();

test("an element that cannot be used does not keep its neighbours out, and finance sees it", async () => {
  await using portal = await start();
  const body = [{ id: "1" }, { id: "2", fault: "names no currency" }, { id: "3" }];
  expect(await send(portal, body)).toBe(204);
  expect(await numbers(portal)).toEqual(["B-1", "B-3"]);
  expect(await lastDelivery(portal)).toMatchObject({ dead_at: null, error: null });
  expect(await rejected(portal)).toEqual([["Invoice 2", "names no currency"]]);
  await portal.addStaff("boss@example.com", "administrator");
  const boss = await portal.as("boss@example.com");
  expect(await boss.page("/finance/connections")).toContain("1 element could not be used");
  const { id } = await lastDelivery(portal);
  expect(await boss.page(`/finance/deliveries/${id}`)).toContain("names no currency");
});

test("a person sees on the connection's page what could not be used, and dismisses it", async () => {
  await using portal = await startTestPortal();
  const { writer } = portal.portal;
  const rejections = [{ at: "Invoice 11", reason: "names no currency" }];
  const at = new Date().toISOString();
  await keepRejections(writer, { connection: "erp", run: "run_1", at, rejected: rejections });
  await portal.addStaff("boss@example.com", "administrator");
  const boss = await portal.as("boss@example.com");
  expect(await boss.page("/finance/connections/erp")).toContain("names no currency");
  await boss.post("/finance/connections/erp", { do: "dismiss" });
  expect(await boss.page("/finance/connections/erp")).not.toContain("names no currency");
  expect(await boss.page("/finance/connections")).not.toContain("could not be used");
});

test("a body of which nothing can be used is refused, and dead with the reasons", async () => {
  await using portal = await start();
  expect(await send(portal, [{ id: "2", fault: "names no currency" }])).toBe(422);
  expect(await lastDelivery(portal)).toMatchObject({ error: "Invoice 2: names no currency" });
});

test("an invoice that cannot be read costs neither those beside it nor what the body says itself", async () => {
  await using portal = await start();
  books.entries.set("1", { id: "1" });
  books.entries.set("2", { id: "2", fault: "12.3456 is no amount of CLF" });
  await send(portal, [{ id: "2", thin: true }, { id: "1", thin: true }, { id: "3" }]);
  expect(await numbers(portal)).toEqual(["B-1", "B-3"]);
  expect(await rejected(portal)).toEqual([["Invoice 2", "12.3456 is no amount of CLF"]]);
  // It was corrected there, and its delivery is replayed.
  books.entries.set("2", { id: "2" });
  await replayDelivery(portal.portal, source, (await lastDelivery(portal)).id);
  await portal.settled();
  expect(await numbers(portal)).toEqual(["B-1", "B-2", "B-3"]);
  expect(await rejected(portal)).toEqual([]);
});

test("of a payment over two invoices one is recorded although the other may not be", async () => {
  await using portal = await start();
  await send(portal, [{ id: "1" }, { id: "2" }]);
  await send(portal, [
    { id: "2", payment: 400, currency: "USD" },
    { id: "1", payment: 400 },
  ]);
  expect(await portal.events("B-1", "payment.received")).toHaveLength(1);
  expect(await portal.events("B-2", "payment.received")).toEqual([]);
  expect((await rejected(portal)).map(([element]) => element)).toEqual(["Invoice B-2"]);
  expect(await lastDelivery(portal)).toMatchObject({ dead_at: null, error: null });
});

test("reconciliation goes on past what cannot be used, to its end, and says how much that was", async () => {
  await using portal = await start();
  for (const id of ["1", "3", "4", "5"]) books.entries.set(id, { id });
  books.entries.set("2", { id: "2", fault: "33.333 has a fraction of a cent" });
  const run = await reconcile(portal.portal, "books", { anyTime: true });
  expect(run).toMatchObject({ read: 4, rejected: 1, error: null });
  expect(run?.ended_at).not.toBeNull();
  expect(await numbers(portal)).toEqual(["B-1", "B-3", "B-4", "B-5"]);
  expect(await rejected(portal)).toEqual([["Invoice 2", "33.333 has a fraction of a cent"]]);
  await reconcile(portal.portal, "books", { anyTime: true });
  expect(await rejected(portal)).toHaveLength(1);
});

/** A portal whose clock the test sets on. */
async function startTimed() {
  let now = new Date("2026-11-20T10:00:00.000Z");
  const portal = await start(() => now);
  const later = (minutes: number) => {
    now = new Date(now.getTime() + minutes * 60_000);
  };
  return { portal, later, [Symbol.asyncDispose]: () => portal[Symbol.asyncDispose]() };
}

test("a known invoice that its system has no more is void at the second answer; of an unknown one nothing is said", async () => {
  await using timed = await startTimed();
  const { portal, later } = timed;
  await send(portal, [{ id: "1" }]);
  await send(portal, [
    { id: "1", thin: true },
    { id: "2", thin: true },
  ]);
  expect(await portal.events("B-1", "invoice.voided")).toEqual([]);
  expect(await lastDelivery(portal)).toMatchObject({ dead_at: null, error: null });
  later(9);
  await lookForMissing(portal.portal);
  await send(portal, [{ id: "1", thin: true }]);
  expect(await portal.events("B-1", "invoice.voided")).toEqual([]);
  later(1);
  await lookForMissing(portal.portal);
  expect(await portal.events("B-1", "invoice.voided")).toHaveLength(1);
  expect(await numbers(portal)).toEqual(["B-1"]);
  expect(await lastDelivery(portal)).toMatchObject({ dead_at: null, error: null });
  const { db } = portal.portal;
  expect(await db.selectFrom("unmatched").selectAll().execute()).toEqual([]);
  expect(await db.selectFrom("missing_invoices").selectAll().execute()).toEqual([]);
});

test("an invoice that is there again at the second look stays, and a later absence is a first one", async () => {
  await using timed = await startTimed();
  const { portal, later } = timed;
  await send(portal, [{ id: "1" }]);
  await send(portal, [{ id: "1", thin: true }]);
  books.entries.set("1", { id: "1", revision: 2 });
  later(11);
  await lookForMissing(portal.portal);
  books.entries.clear();
  later(11);
  await send(portal, [{ id: "1", thin: true }]);
  expect(await portal.events("B-1", "invoice.voided")).toEqual([]);
  later(11);
  await send(portal, [{ id: "1", thin: true }]);
  await lookForMissing(portal.portal);
  expect(await portal.events("B-1", "invoice.voided")).toHaveLength(1);
});

test("a second look at a system that fails is tried again, and a tried replay is none", async () => {
  await using timed = await startTimed();
  const { portal, later } = timed;
  await send(portal, [{ id: "1" }]);
  await send(portal, [{ id: "1", thin: true }]);
  const { id } = await lastDelivery(portal);
  books.entries.set("1", { id: "1" });
  await tryReplay(portal.portal, id);
  books.entries.clear();
  later(11);
  books.failing = true;
  await lookForMissing(portal.portal);
  books.failing = false;
  await lookForMissing(portal.portal);
  expect(await portal.events("B-1", "invoice.voided")).toEqual([]);
  later(11);
  await lookForMissing(portal.portal);
  expect(await portal.events("B-1", "invoice.voided")).toHaveLength(1);
});

test("where a missing invoice may only be hidden it stays as it was, and finance is told", async () => {
  await using portal = await start();
  await send(portal, [{ id: "7" }], "processor");
  await send(portal, [{ id: "7", thin: true }, { id: "8" }], "processor");
  expect(await portal.events("B-7", "invoice.voided")).toEqual([]);
  expect(await rejected(portal, "processor")).toEqual([
    ["Invoice 7", expect.stringContaining("does not show it")],
  ]);
});
