import { expect, test } from "vitest";
import { WriteTurn } from "#db/write-turn.ts";
import { startTestPortal, webhookSecret } from "#test/support/start-portal.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

const source = { kind: "operator", name: "test" } as const;

test("a thread beside the server records deliveries and what it commits is published here", async () => {
  await using portal = await startTestPortal({ inThread: true });
  const heard: string[] = [];
  portal.portal.committed.subscribe((events) => heard.push(...events.map(({ type }) => type)));
  const numbers = Array.from({ length: 50 }, (_, index) => `INV-${index + 1}`);
  const answers = await Promise.all(
    numbers.map((number) => portal.deliver("erp", invoiceIssued(number))),
  );
  expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 204));
  await portal.settled();
  expect(await portal.events(undefined, "invoice.issued")).toHaveLength(numbers.length);
  expect(heard.filter((type) => type === "invoice.issued")).toHaveLength(numbers.length);
  const metrics = await (await fetch(`${portal.url}/metrics`)).text();
  expect(metrics).toContain(`portal_deliveries_processed_total{result="recorded"} 50`);
});

test("the thread knows a connection that was made after its start", async () => {
  await using portal = await startTestPortal({ inThread: true });
  const made = { id: "late", system: "standard-webhooks", secrets: { webhookSecret } };
  await portal.portal.connections.add(made, source);
  expect((await portal.deliver("late", invoiceIssued("INV-1"))).status).toBe(204);
  await portal.settled();
  expect(await portal.events("INV-1", "invoice.issued")).toHaveLength(1);
});

test("server and thread write by turns: neither fails as busy and nothing is lost", async () => {
  await using portal = await startTestPortal({ inThread: true });
  const { writer, db } = portal.portal;
  const deliveries = Array.from({ length: 100 }, (_, index) =>
    portal.deliver("erp", invoiceIssued(`INV-${index + 1}`)),
  );
  const writes = Array.from({ length: 100 }, (_, index) =>
    writer
      .insertInto("settings")
      .values({ key: `k${index}`, value: "1" })
      .execute(),
  );
  await Promise.all([...deliveries, ...writes]);
  await portal.settled();
  expect(await portal.events(undefined, "invoice.issued")).toHaveLength(100);
  const kept = db.selectFrom("settings").select("key").where("key", "like", "k%");
  expect(await kept.execute()).toHaveLength(100);
});

test("turns are given first come, first served", async () => {
  const shared = WriteTurn.shared();
  const [one, other] = [new WriteTurn(shared), new WriteTurn(shared)];
  const order: string[] = [];
  await one.take();
  const waiting = [
    other.take().then(() => order.push("other")),
    one.take().then(() => order.push("one")),
  ];
  expect(order).toEqual([]);
  one.leave();
  await waiting[0];
  expect(order).toEqual(["other"]);
  other.leave();
  await waiting[1];
  expect(order).toEqual(["other", "one"]);
});
