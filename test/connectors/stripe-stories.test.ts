import { expect, test } from "vitest";
import { connectors } from "#server/connectors/index.ts";
import { openLedger } from "#test/support/ledger.ts";
import { testHttp } from "./stand-in.ts";

const receivedAt = new Date("2026-11-20T10:00:00.000Z");
const second = Date.parse("2026-11-20T09:00:00.000Z") / 1000;

interface Told {
  type: string;
  object: object;
  before?: object;
  at?: number;
}

const invoice = (fields: object) => ({
  ...{ object: "invoice", id: "in_1", number: "ST-1", status: "open", currency: "eur" },
  ...{ customer: "cus_1", customer_name: "Acme", created: second - 60, total: 100_000 },
  ...{ amount_paid: 0, amount_remaining: 100_000 },
  ...{ pre_payment_credit_notes_amount: 0, post_payment_credit_notes_amount: 0 },
  ...fields,
});

const paymentOf = (id: string, amount: number): Told => ({
  type: "invoice_payment.paid",
  object: {
    ...{ object: "invoice_payment", id, invoice: "in_1", currency: "eur", status: "paid" },
    ...{ amount_paid: amount, amount_requested: amount, created: second },
  },
});

const noteOf = (id: string, amount: number): Told => ({
  type: "credit_note.created",
  object: {
    ...{ object: "credit_note", id, invoice: "in_1", currency: "eur", status: "issued", amount },
    ...{ pre_payment_amount: amount, post_payment_amount: 0, created: second },
  },
});

const finalized: Told = { type: "invoice.finalized", object: invoice({}) };
const paid = { status: "paid", amount_paid: 100_000, amount_remaining: 0 };
const before = { status: "open", amount_paid: 0, amount_remaining: 100_000 };
const updated = (fields: object, changed: object): Told => ({
  type: "invoice.updated",
  object: invoice(fields),
  before: changed,
});
const ended = (fields: object): Told => ({ type: "invoice.paid", object: invoice(fields) });

/** What a life that is told in this order leaves: the last view, and what its events added up. */
async function lived(order: Told[]) {
  await using ledger = await openLedger();
  ledger.setTime(receivedAt.toISOString());
  const stripe = connectors.get("stripe")?.bind({}, { webhookSecret: "test-secret" }, testHttp());
  for (const { type, object, before: previous_attributes, at = second } of order) {
    const event = { id: "evt_1", object: "event", type, created: at, livemode: false };
    const data = { object, previous_attributes };
    const body = Buffer.from(JSON.stringify({ ...event, data }));
    const delivery = { method: "POST", query: "", headers: new Headers(), body, receivedAt };
    await ledger.says("stripe", stripe?.parse(delivery).changes ?? [], "payments");
  }
  const view = (await ledger.view("ST-1"))?.view;
  const events = await ledger.events("ST-1");
  const sumOf = (wanted: string) =>
    events.reduce(
      (sum, { type, data }) => sum + (type === wanted && "amount" in data ? Number(data.amount) : 0),
      0,
    );
  const known = ["invoice.issued", "invoice.updated", "invoice.adjusted"];
  const payments = ["payment.received", "payment.identified"];
  return {
    ...{ paid: view?.paid, credited: view?.credited, due: view?.due },
    ...{ received: sumOf("payment.received"), adjusted: sumOf("invoice.adjusted") },
    others: events.map(({ type }) => type).filter((type) => ![...known, ...payments].includes(type)),
  };
}

const wholePaid = { paid: 100_000, credited: 0, due: 0, received: 100_000, adjusted: 0, others: [] };

test.each<[string, Told[]]>([
  ["update, payment, end", [updated(paid, before), paymentOf("p1", 100_000), ended(paid)]],
  ["update, end, payment", [updated(paid, before), ended(paid), paymentOf("p1", 100_000)]],
  ["payment, update, end", [paymentOf("p1", 100_000), updated(paid, before), ended(paid)]],
  ["end, payment, update", [ended(paid), paymentOf("p1", 100_000), updated(paid, before)]],
  ["update, end, and no payments as before 2025", [updated(paid, before), ended(paid)]],
])("a paid invoice was paid once, told as %s", async (_order, told) => {
  expect(await lived([finalized, ...told])).toEqual(wholePaid);
  // Versions that do not show their credit notes.
  const bare = [finalized, ...told].map((each): Told => {
    const object: Record<string, unknown> = { ...each.object };
    delete object["pre_payment_credit_notes_amount"];
    delete object["post_payment_credit_notes_amount"];
    return { ...each, object };
  });
  expect(await lived(bare)).toEqual(wholePaid);
});

test("a credit note whose update comes first is told once, as a credit", async () => {
  const credited = { amount_remaining: 80_000, pre_payment_credit_notes_amount: 20_000 };
  const told = [updated(credited, { amount_remaining: 100_000 }), noteOf("cn_1", 20_000)];
  const expected = { paid: 0, credited: 20_000, due: 80_000, received: 0, adjusted: 20_000 };
  for (const order of [told, told.toReversed()]) {
    expect(await lived([finalized, ...order])).toEqual({ ...expected, others: [] });
  }
});

test("the messages of one second in any order tell what happened and nothing else", async () => {
  const first = { amount_paid: 30_000, amount_remaining: 70_000 };
  const then = { ...first, amount_remaining: 50_000, pre_payment_credit_notes_amount: 20_000 };
  const last = { ...then, status: "paid", amount_paid: 80_000, amount_remaining: 0 };
  const life = [
    ...[finalized, paymentOf("p1", 30_000), updated(first, { amount_paid: 0 })],
    ...[noteOf("cn_1", 20_000), updated(then, { amount_remaining: 70_000 })],
    ...[paymentOf("p2", 50_000), updated(last, { amount_paid: 30_000, status: "open" }), ended(last)],
  ];
  for (let seed = 1; seed <= 30; seed++) {
    const [issued, ...rest] = life;
    const order = [...(issued ? [issued] : []), ...shuffled(rest, seed)];
    const names = order.map(({ type, object }) => ("id" in object ? `${type} ${object.id}` : type));
    expect(await lived(order), names.join(", ")).toEqual({
      ...{ paid: 80_000, credited: 20_000, due: 0, received: 80_000, adjusted: 20_000, others: [] },
    });
  }
});

function shuffled<T>(items: T[], seed: number): T[] {
  let state = seed;
  const next = () => (state = (state * 48_271) % 2_147_483_647);
  const keyed = items.map((item) => ({ item, key: next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
