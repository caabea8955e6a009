import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const told = (minute: number) => `2026-11-20T09:${String(minute).padStart(2, "0")}:00.000Z`;

function snapshot(version: number, rest: object = {}): Change {
  const about = { externalId: "4711", number: "INV-1", version, toldAt: told(version) };
  const who = { customer: { externalId: "C-1", name: "Acme" }, currency: "EUR" };
  return { kind: "invoice", invoice: { ...about, ...who, total: eur(10000), ...rest } };
}

function payment(id: string, amount: number, rest: object = {}): Change {
  const about = { invoice: { externalId: "4711" }, paymentId: id, stage: "received" as const };
  return { kind: "payment", ...about, amount: eur(amount), occurredAt: told(1), ...rest };
}

type Ledger = Awaited<ReturnType<typeof openLedger>>;

async function shown(ledger: Ledger) {
  const { row, view } = (await ledger.view("INV-1")) ?? {};
  return { ...row, otherwise: view?.otherwise ?? 0, payments: view?.payments };
}

/** Types with their amounts, as far as they have one. */
async function eventsOf(ledger: Ledger) {
  return (await ledger.events("INV-1")).map(({ type, data }) =>
    "amount" in data ? `${type} ${data.amount}` : type,
  );
}

const first = () => snapshot(1, { due: eur(10000) });

test("a balance that falls without a word is settled otherwise, and no payment", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [first()]);
  await ledger.says("erp", [snapshot(2, { due: eur(6000) })]);
  expect(await shown(ledger)).toMatchObject({ paid: 0, credited: 0, due: 6000, otherwise: 4000 });
  expect(await eventsOf(ledger)).toEqual(["invoice.issued", "invoice.settled 4000"]);
  await ledger.says("erp", [snapshot(3, { due: eur(10000) })]);
  expect(await shown(ledger)).toMatchObject({ paid: 0, due: 10000, otherwise: 0, status: "open" });
  expect((await eventsOf(ledger)).at(-1)).toBe("invoice.settled -4000");
});

test("a payment that comes later names what was settled otherwise, and is no news", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [first()]);
  await ledger.says("erp", [snapshot(2, { due: eur(6000) })]);
  await ledger.says("erp", [payment("P-1", 4000, { version: 3 })]);
  expect(await shown(ledger)).toMatchObject({ paid: 4000, due: 6000, otherwise: 0 });
  expect((await eventsOf(ledger)).at(-1)).toBe("payment.identified");
});

test.each([
  ["written_off", "invoice.written_off"],
  ["void", "invoice.voided"],
])("a balance of 0 of what is %s was not paid", async (state, event) => {
  await using ledger = await openLedger();
  await ledger.says("erp", [first()]);
  await ledger.says("erp", [snapshot(2, { due: eur(0), state })]);
  await ledger.says("erp", [snapshot(3, { due: eur(0) })]);
  expect(await shown(ledger)).toMatchObject({ status: state, paid: 0, credited: 0, due: 0 });
  expect(await eventsOf(ledger)).toEqual(["invoice.issued", event]);
});

test("the type of the message is believed: a credit by balance alone, a payment by balance alone", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [first()]);
  await ledger.says("erp", [snapshot(2, { due: eur(7000), balanceBy: "credit" })]);
  expect(await shown(ledger)).toMatchObject({ paid: 0, credited: 3000, due: 7000 });
  await ledger.says("erp", [snapshot(3, { due: eur(2000), balanceBy: "payment" })]);
  expect(await shown(ledger)).toMatchObject({ paid: 5000, credited: 3000, due: 2000 });
  expect(await eventsOf(ledger)).toEqual([
    "invoice.issued",
    "invoice.adjusted 3000",
    "payment.received 5000",
  ]);
});

test("sums that do not add up invent no credit", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, { paid: eur(3000), due: eur(9000) })]);
  expect(await shown(ledger)).toMatchObject({ paid: 3000, credited: 0, due: 9000 });
  expect((await eventsOf(ledger)).join()).not.toContain("adjusted");
});

test("an overpaid invoice shows what was paid and a credit, nothing else", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, { paid: eur(12000), due: eur(0) })]);
  expect(await shown(ledger)).toMatchObject({ paid: 12000, credited: 0, due: -2000, otherwise: 0 });
});

test("a refund beside an unchanged sum is no receipt, in one telling or in two", async () => {
  for (const isSplit of [false, true]) {
    await using ledger = await openLedger();
    const sums = { paid: eur(10000), due: eur(0) };
    await ledger.says("erp", [first()]);
    await ledger.says("erp", [snapshot(2, sums), payment("P", 10000, { version: 2 })]);
    const refund = payment("R", 4000, { stage: "refunded", version: 3, toldAt: told(3) });
    if (isSplit) {
      await ledger.says("erp", [refund]);
      await ledger.says("erp", [snapshot(3, sums)]);
    } else await ledger.says("erp", [snapshot(3, sums), refund]);
    expect(await shown(ledger)).toMatchObject({ status: "paid", due: 0 });
    const events = await eventsOf(ledger);
    expect(events.filter((event) => event.startsWith("payment.received"))).toEqual([
      "payment.received 10000",
    ]);
    expect(events).toContain("payment.refunded 4000");
    // Later its sums show the refund, which is told already.
    await ledger.says("erp", [snapshot(4, { paid: eur(6000), due: eur(4000) })]);
    expect(await shown(ledger)).toMatchObject({ paid: 6000, due: 4000 });
    expect((await eventsOf(ledger)).join()).not.toContain("payment.reversed");
  }
});

test("a refund that fails later is shown no more, and adds nothing", async () => {
  await using ledger = await openLedger();
  await ledger.says("stripe", [first()]);
  const sums = { paid: eur(10000), due: eur(0) };
  await ledger.says("stripe", [snapshot(2, sums), payment("P", 10000, { version: 2 })]);
  const about = { isRefund: true, toldAt: told(3), version: 3 };
  const correction = (voided: boolean): Change => ({
    ...{ kind: "credit", invoice: { externalId: "4711" }, creditId: "R", type: "correction" },
    ...{ amount: eur(4000), occurredAt: told(3), version: voided ? 4 : 3, voided },
  });
  await ledger.says("stripe", [
    snapshot(3, { paid: eur(6000), due: eur(0) }),
    payment("R", 4000, { ...about, stage: "refunded" }),
    correction(false),
  ]);
  expect(await shown(ledger)).toMatchObject({ paid: 6000, credited: 4000, due: 0 });
  await ledger.says("stripe", [
    snapshot(4, sums),
    payment("R", 4000, { ...about, version: 4, stage: "failed" }),
    correction(true),
  ]);
  expect(await shown(ledger)).toMatchObject({ paid: 10000, credited: 0, due: 0, otherwise: 0 });
  expect((await shown(ledger)).payments).toMatchObject([{ id: "P", stage: "received" }]);
  const events = await eventsOf(ledger);
  expect(events.filter((event) => event.startsWith("payment.received"))).toHaveLength(1);
  expect(events).toContain("payment.refund_failed 4000");
});

test("a payment that was taken back before the void is not inferred anew", async () => {
  await using ledger = await openLedger();
  const paid = payment("P", 4000, { version: 2, toldAt: told(2) });
  await ledger.says("erp", [first()]);
  await ledger.says("erp", [
    snapshot(2, { paid: eur(4000), due: eur(6000), paymentIds: ["P"] }),
    paid,
  ]);
  await ledger.says("erp", [snapshot(3, { state: "void", paymentIds: [] })]);
  expect(await shown(ledger)).toMatchObject({ status: "void", paid: 0 });
  expect(await eventsOf(ledger)).toEqual([
    "invoice.issued",
    "payment.received 4000",
    "payment.reversed 4000",
    "invoice.voided",
  ]);
});

test("a payment reversed by a message without sums counts no more, in any order", async () => {
  const says = [
    [first()],
    [snapshot(2, { paid: eur(10000), due: eur(0) }), payment("P", 10000, { version: 2 })],
    [payment("P", 10000, { version: 3, stage: "reversed", toldAt: told(3) })],
  ];
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [2, 1, 0],
  ]) {
    await using ledger = await openLedger();
    for (const index of order) await ledger.says("erp", says[index] ?? []);
    expect(await shown(ledger), order.join()).toMatchObject({ paid: 0, due: 10000 });
  }
});

test("a sum and then its items are announced once, whole or in parts", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [first()]);
  await ledger.says("erp", [snapshot(20, { paid: eur(10000), due: eur(0) })]);
  const item = (id: string, amount: number) =>
    payment(id, amount, { version: 21, occurredAt: told(10), toldAt: told(21) });
  await ledger.says("erp", [item("P-1", 6000)]);
  await ledger.says("erp", [item("P-2", 4000)]);
  expect(await shown(ledger)).toMatchObject({ paid: 10000, due: 0 });
  expect(await eventsOf(ledger)).toEqual([
    "invoice.issued",
    "payment.received 10000",
    "payment.identified",
    "payment.identified",
  ]);
});

test("a credit that is only dated anew is no credit of 0", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [first()]);
  const credit = (minute: number): Change => ({
    ...{ kind: "credit", invoice: { externalId: "4711" }, creditId: "CN", type: "credit_note" },
    ...{ amount: eur(1000), occurredAt: told(minute), version: minute },
  });
  await ledger.says("erp", [credit(2)]);
  await ledger.says("erp", [credit(3)]);
  expect(await shown(ledger)).toMatchObject({ credited: 1000, due: 9000 });
  const events = await eventsOf(ledger);
  expect(events.filter((event) => event.startsWith("invoice.adjusted"))).toHaveLength(1);
});

test("a refund under the payment's id is what was refunded in all, and told by what it added", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [first()]);
  await ledger.says("erp", [payment("P", 10000, { version: 2 })]);
  for (const [version, amount] of [
    [3, 2000],
    [4, 5000],
  ] as const) {
    await ledger.says("erp", [payment("P", amount, { version, stage: "refunded" })]);
  }
  expect(await shown(ledger)).toMatchObject({ paid: 5000, due: 5000 });
  expect((await eventsOf(ledger)).slice(-2)).toEqual([
    "payment.refunded 2000",
    "payment.refunded 3000",
  ]);
});
