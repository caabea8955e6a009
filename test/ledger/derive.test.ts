import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const told = (minute: number) => `2026-11-20T09:${String(minute).padStart(2, "0")}:00.000Z`;

function snapshot(version: number, rest: object = {}): Change {
  return {
    kind: "invoice",
    invoice: {
      externalId: "4711",
      number: "INV-1001",
      version,
      toldAt: told(version),
      customer: { externalId: "C-77", name: "ACME GmbH" },
      currency: "EUR",
      total: eur(125050),
      due: eur(125050),
      state: "issued",
      issuedOn: "2026-11-01",
      dueOn: "2026-12-01",
      ...rest,
    },
  };
}

function payment(id: string, amount: number, rest: object = {}): Change {
  return {
    kind: "payment",
    invoice: { externalId: "4711" },
    paymentId: id,
    stage: "received",
    amount: eur(amount),
    occurredAt: told(30),
    ...rest,
  };
}

test("an invoice is issued once, and a larger sum is a payment nobody itemised", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1)]);
  await ledger.says("erp", [snapshot(1)]);
  await ledger.says("erp", [snapshot(2, { paid: eur(40000), due: eur(85050) })]);
  const events = await ledger.events("INV-1001");
  expect(events.map(({ type }) => type)).toEqual(["invoice.issued", "payment.received"]);
  const invoice = await ledger.view("INV-1001");
  expect(invoice?.row).toMatchObject({ status: "partially_paid", paid: 40000, due: 85050 });
  expect(invoice?.view.inferred).toBe(40000);
});

test("an itemised payment names the inferred one instead of adding to it", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1)]);
  await ledger.says("erp", [snapshot(2, { paid: eur(40000), due: eur(85050) })]);
  await ledger.says("erp", [payment("P-1", 40000, { toldAt: told(40) })]);
  const invoice = await ledger.view("INV-1001");
  expect(invoice?.row).toMatchObject({ paid: 40000, due: 85050 });
  expect(invoice?.view).toMatchObject({ inferred: 0, payments: [{ id: "P-1", amount: 40000 }] });
});

test("a payment that comes before the balance shows at once and counts once", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1)]);
  await ledger.says("erp", [payment("P-1", 40000, { toldAt: told(20) })]);
  expect((await ledger.view("INV-1001"))?.row).toMatchObject({ paid: 40000, due: 85050 });
  await ledger.says("erp", [snapshot(25, { due: eur(85050) })]);
  expect((await ledger.view("INV-1001"))?.row).toMatchObject({ paid: 40000, due: 85050 });
});

const paidBy = (version: number, ids: string[], rest: object = {}) =>
  snapshot(version, { paymentIds: ids, ...rest });

test("a payment that a complete list no longer names was taken back, in any order of arrival", async () => {
  const says: Change[][] = [
    [snapshot(1)],
    [
      paidBy(10, ["P-1"], { paid: eur(40000), due: eur(85050) }),
      payment("P-1", 40000, { version: 10, toldAt: told(10), occurredAt: "2026-11-18" }),
    ],
    [paidBy(20, [], { paid: eur(0), due: eur(125050) })],
    [paidBy(21, [], { paid: eur(0), due: eur(125050) })],
  ];
  for (const order of [
    [0, 1, 2, 3],
    [0, 2, 1, 3],
    [3, 2, 1, 0],
  ]) {
    await using ledger = await openLedger();
    for (const at of order) await ledger.says("erp", says[at] ?? []);
    expect((await ledger.view("INV-1001"))?.view, order.join()).toMatchObject({
      ...{ paid: 0, due: 125050, inferred: 0 },
      payments: [{ id: "P-1", stage: "reversed", occurredAt: "2026-11-18" }],
    });
    if (order[1] !== 1) continue;
    const events = await ledger.events("INV-1001");
    expect(events.map(({ type, occurredAt }) => [type, occurredAt])).toEqual([
      ["invoice.issued", told(1)],
      ["payment.received", "2026-11-18"],
      ["payment.reversed", told(20)],
    ]);
  }
});

test("a credit that a complete list no longer names counts nothing", async () => {
  await using ledger = await openLedger();
  const credit: Change = {
    kind: "credit",
    invoice: { externalId: "4711" },
    ...{ creditId: "CN-1", type: "credit_note", amount: eur(5050) },
    ...{ version: 10, toldAt: told(10), occurredAt: "2026-11-18" },
  };
  await ledger.says("erp", [
    snapshot(10, { creditIds: ["CN-1"], due: eur(120000), paid: eur(0) }),
    credit,
  ]);
  expect((await ledger.view("INV-1001"))?.view).toMatchObject({ credited: 5050, due: 120000 });
  await ledger.says("erp", [snapshot(11, { creditIds: [], due: eur(125050), paid: eur(0) })]);
  expect((await ledger.view("INV-1001"))?.view).toMatchObject({
    ...{ credited: 0, due: 125050, paid: 0 },
    credits: [{ id: "CN-1", voided: true }],
  });
  const adjusted = await ledger.events("INV-1001");
  expect(adjusted.at(-1)).toMatchObject({ type: "invoice.adjusted", data: { amount: -5050 } });
});

test("a contributor's payment lowers due at once and is absorbed by the owner's booking", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1)]);
  const sameAs = { connection: "erp", externalId: "4711" };
  const stripe = {
    externalId: "in_1",
    version: told(3),
    customer: { externalId: "cus_1" },
    sameAs,
  };
  await ledger.says("stripe", [snapshot(3, stripe)], "payments");
  const paid = payment("pi_1", 50000, { invoice: { externalId: "in_1" }, version: told(5) });
  await ledger.says("stripe", [paid], "payments");
  const before = await ledger.view("INV-1001");
  expect(before?.row).toMatchObject({ owner: "erp", paid: 50000, due: 75050 });
  expect(before?.view).toMatchObject({ unbooked: 50000, payments: [{ booked: false }] });
  await ledger.says("erp", [snapshot(9, { due: eur(75050) })]);
  const after = await ledger.view("INV-1001");
  expect(after?.row).toMatchObject({ paid: 50000, due: 75050 });
  expect(after?.view).toMatchObject({ unbooked: 0, inferred: 0, payments: [{ booked: true }] });
});

test("an ERP that describes an invoice later takes it over, into its own record's chain", async () => {
  await using ledger = await openLedger();
  const sameAs = { connection: "erp", externalId: "4711" };
  const stripe = {
    externalId: "in_1",
    version: told(3),
    customer: { externalId: "cus_1" },
    sameAs,
  };
  await ledger.says("stripe", [snapshot(3, stripe)], "payments");
  await ledger.says("erp", [snapshot(1)]);
  const events = await ledger.events("INV-1001");
  expect(events.map(({ type }) => type)).toEqual([
    "invoice.issued",
    "invoice.owner_changed",
    "invoice.moved_out",
    "invoice.moved_in",
    "audit.recorded",
  ]);
  // Both records' chains, and the supplier's, which alone says from where to where.
  expect(new Set(events.map(({ chain }) => chain)).size).toBe(3);
  expect((await ledger.view("INV-1001"))?.row).toMatchObject({ owner: "erp", external_id: "4711" });
});

test("a credit note, a void and a later due date each have their event", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, { overdue: true })]);
  const credit: Change = {
    kind: "credit",
    invoice: { number: "INV-1001" },
    version: 2,
    creditId: "CN-9",
    type: "credit_note",
    amount: eur(8000),
    occurredAt: told(2),
  };
  await ledger.says("erp", [credit]);
  expect((await ledger.view("INV-1001"))?.row).toMatchObject({ status: "overdue", due: 117050 });
  await ledger.says("erp", [snapshot(3, { due: eur(117050), dueOn: "2027-01-15" })]);
  expect((await ledger.view("INV-1001"))?.row).toMatchObject({ status: "partially_paid" });
  const voided = { due: eur(117050), dueOn: "2027-01-15", state: "void" };
  await ledger.says("erp", [snapshot(4, voided)]);
  const types = (await ledger.events("INV-1001")).map(({ type }) => type);
  expect(types).toEqual([
    "invoice.issued",
    "invoice.overdue",
    "invoice.adjusted",
    "invoice.updated",
    "invoice.voided",
  ]);
});

test("a draft stays hidden until it is issued", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, { state: "draft" })]);
  expect(await ledger.view("INV-1001")).toBeNull();
  await ledger.says("erp", [snapshot(2)]);
  expect((await ledger.events("INV-1001")).map(({ type }) => type)).toEqual(["invoice.issued"]);
});

test("a payment for an unknown invoice waits for it and then counts", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [payment("P-1", 40000, { version: 2 })]);
  expect(await ledger.context.db.selectFrom("unmatched").selectAll().execute()).toHaveLength(1);
  await ledger.says("erp", [snapshot(1)]);
  expect((await ledger.view("INV-1001"))?.row).toMatchObject({ paid: 40000, due: 85050 });
});

test("another currency is refused, and nothing of it is written", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1)]);
  const dollars = payment("P-1", 1, { amount: { amount: 1, currency: "USD" } });
  await expect(ledger.says("erp", [dollars])).rejects.toThrow("in EUR, not in USD");
  expect(await ledger.events("INV-1001")).toHaveLength(1);
});

test("a message that says too little of an unknown invoice waits too, and counts later", async () => {
  await using ledger = await openLedger();
  const sums = { paid: eur(40000), due: eur(85050) };
  const part = { number: "INV-1001", version: 2, currency: "EUR", ...sums };
  await ledger.says("erp", [{ kind: "invoice", invoice: part }]);
  expect(await ledger.view("INV-1001")).toBeNull();
  const waiting = ledger.context.db.selectFrom("unmatched").select("matched_at");
  expect(await waiting.execute()).toEqual([{ matched_at: null }]);
  await ledger.says("erp", [snapshot(1)]);
  expect((await ledger.view("INV-1001"))?.row).toMatchObject({ paid: 40000, due: 85050 });
  expect(await waiting.execute()).toEqual([{ matched_at: "2026-11-20T10:00:00.000Z" }]);
});

/** Types, amounts and balances of the events that a refund causes. */
async function afterRefund(known: Change[][], refund: Change[]) {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1)]);
  for (const changes of known) await ledger.says("erp", changes);
  const before = (await ledger.events("INV-1001")).length;
  await ledger.says("erp", refund);
  return (await ledger.events("INV-1001")).slice(before).map(({ type, data }) => {
    const due = "settlement" in data ? data.settlement.due : null;
    return [type, "amount" in data ? data.amount : null, due];
  });
}

const dated = { version: 10, toldAt: told(10), occurredAt: "2026-11-18" };
const refundOf = (amount: number) =>
  payment("R-1", amount, { stage: "refunded", version: 20, toldAt: told(20) });

test("a refund that its system leaves out of paid gives back its amount and makes nothing received", async () => {
  const paid = { paid: eur(40000), due: eur(85050) };
  const known = [[snapshot(10, paid), payment("P-1", 40000, dated)]];
  const redated = payment("P-1", 40000, { ...dated, version: 20, occurredAt: "2026-11-17" });
  expect(await afterRefund(known, [snapshot(20, paid), redated, refundOf(10000)])).toEqual([
    ["payment.identified", null, 85050],
    ["payment.refunded", 10000, 85050],
  ]);
});

test("a refund left out of paid beside the payment that names a sum makes nothing received", async () => {
  const paid = { paid: eur(40000), due: eur(85050) };
  const named = payment("P-1", 40000, { ...dated, version: 20, toldAt: told(20) });
  const events = await afterRefund(
    [[snapshot(10, paid)]],
    [snapshot(20, paid), named, refundOf(10000)],
  );
  expect(events).toEqual([
    ["payment.identified", null, 85050],
    ["payment.refunded", 10000, 85050],
  ]);
});

test("a refund that lowers paid, beside a new payment, is told with the balance after each", async () => {
  const known = [
    [snapshot(10, { paid: eur(40000), due: eur(85050) }), payment("P-1", 40000, dated)],
  ];
  const later = payment("P-2", 10000, { version: 20, toldAt: told(20), occurredAt: "2026-11-19" });
  const told20 = snapshot(20, { paid: eur(40000), due: eur(85050) });
  expect(await afterRefund(known, [told20, later, refundOf(10000)])).toEqual([
    ["payment.received", 10000, 75050],
    ["payment.refunded", 10000, 85050],
  ]);
});
