import { expect, test } from "vitest";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const now = new Date("2026-11-30T10:00:00.000Z");
const told = (second: number) => new Date(now.getTime() - 60_000 + second * 1000).toISOString();

interface Message {
  type: string;
  invoice: Record<string, unknown>;
  rest?: Record<string, unknown>;
}

/** What a system tells of INV-1 over 100.00, one second after another. */
function message({ type, invoice, rest = {} }: Message, second: number) {
  const about = { number: "INV-1", externalId: "x-1", currency: "EUR", total: "100.00" };
  const customer = { id: "C-1", name: "Acme Tooling" };
  return {
    ...{ type, timestamp: told(second) },
    data: { invoice: { ...about, customer, ...invoice }, ...rest },
  };
}

const issued = { type: "invoice.issued", invoice: { balance: "100.00", version: 1 } };

async function tell(portal: TestPortal, ...messages: Message[]): Promise<number[]> {
  const answers: number[] = [];
  for (const [second, each] of messages.entries()) {
    answers.push((await portal.deliver("erp", message(each, second))).status);
    await portal.settled();
  }
  return answers;
}

async function shown(portal: TestPortal) {
  const row = await portal.portal.db
    .selectFrom("invoices")
    .selectAll()
    .where("number", "=", "INV-1")
    .executeTakeFirstOrThrow();
  const events = await portal.events("INV-1");
  return { ...row, types: events.map(({ type }) => type) };
}

test.for([
  ["invoice.written_off", { status: "written_off" }, { status: "written_off", paid: 0, due: 0 }],
  ["invoice.voided", { status: "void" }, { status: "void", paid: 0, due: 0 }],
  ["invoice.adjusted", { balance: "70.00" }, { paid: 0, credited: 3000, due: 7000 }],
  ["payment.received", { balance: "70.00" }, { paid: 3000, credited: 0, due: 7000 }],
  ["invoice.updated", { balance: "70.00" }, { paid: 0, credited: 0, due: 7000 }],
  ["invoice.updated", { balance: undefined, status: "paid" }, { status: "paid", paid: 10000 }],
] as const)("%s with %o is believed by its type", async ([type, invoice, expected]) => {
  await using portal = await startTestPortal({ clock: () => now });
  const next = { type, invoice: { balance: "0.00", version: 2, ...invoice } };
  expect(await tell(portal, issued, next)).toEqual([204, 204]);
  const { types, ...row } = await shown(portal);
  expect(row).toMatchObject(expected);
  expect(types.includes("payment.received")).toBe(expected.paid > 0);
});

test("a dispute that is resolved with a credit and a new balance was credited", async () => {
  await using portal = await startTestPortal({ clock: () => now });
  const dispute = { id: "D-9", reason: "price_incorrect", amount: "30.00" };
  await tell(
    portal,
    issued,
    { type: "dispute.opened", invoice: { version: 2 }, rest: { dispute } },
    { type: "dispute.resolved", invoice: { balance: "70.00", version: 3 }, rest: { dispute } },
  );
  const { types, ...row } = await shown(portal);
  expect(row).toMatchObject({ paid: 0, credited: 3000, due: 7000 });
  expect(types).not.toContain("payment.received");
});

test("a version told twice is decided by the type, whatever came first", async () => {
  const paid = {
    type: "payment.received",
    invoice: { paid: "100.00", balance: "0.00", version: 1 },
  };
  for (const order of [
    [issued, paid],
    [paid, issued],
  ]) {
    await using portal = await startTestPortal({ clock: () => now });
    await tell(portal, ...order);
    expect(await shown(portal)).toMatchObject({ paid: 10000, credited: 0, due: 0 });
  }
});

test.for([
  ["payment.refunded", { refund: { id: "R", amount: "-20.00" } }, "refund.amount"],
  ["payment.received", { payment: { id: "P", amountMinor: -2000 } }, "payment.amount"],
  ["invoice.adjusted", { adjustment: { id: "A", amount: "-20.00" } }, "adjustment.amount"],
  ["dispute.opened", { dispute: { id: "D", amount: "-20.00" } }, "dispute.amount"],
] as const)("%s of a negative amount is refused by name", async ([type, rest, field]) => {
  await using portal = await startTestPortal({ clock: () => now });
  const answer = await portal.deliver("erp", message({ type, invoice: { version: 2 }, rest }, 1));
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain(field);
});

test("comments and disputes without an id that come again are the same ones", async () => {
  await using portal = await startTestPortal({ clock: () => now });
  const comment = { text: "We look into it", author: "Ada" };
  const dispute = { reason: "price_incorrect", amount: "30.00", message: "Too much" };
  const said = { type: "comment.added", invoice: { version: 2 }, rest: { comment } };
  const opened = { type: "dispute.opened", invoice: { version: 3 }, rest: { dispute } };
  await tell(portal, issued, said, said, opened, opened);
  const { types } = await shown(portal);
  expect(types.filter((type) => type === "comment.added")).toHaveLength(1);
  expect(types.filter((type) => type === "dispute.opened")).toHaveLength(1);
  const dead = portal.portal.db
    .selectFrom("deliveries")
    .select("id")
    .where("dead_at", "is not", null);
  expect(await dead.execute()).toEqual([]);
});

test("a payment that first tells of an invoice does not say when it was issued", async () => {
  await using portal = await startTestPortal({ clock: () => now });
  const invoice = { issuedOn: "2026-11-01", paid: "100.00", balance: "0.00", version: 2 };
  await tell(portal, { type: "payment.received", invoice });
  const [first] = await portal.events("INV-1", "invoice.issued");
  expect(first?.occurredAt).toBe("2026-11-01");
});
