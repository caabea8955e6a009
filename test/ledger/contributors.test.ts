import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const day = (date: number) => `2026-11-${String(date).padStart(2, "0")}T10:00:00.000Z`;

function erp(date: number, rest: object = {}): Change {
  const about = { externalId: "4711", number: "INV-1", version: date, toldAt: day(date) };
  const who = { customer: { externalId: "C-1", name: "Acme" }, currency: "EUR" };
  return { kind: "invoice", invoice: { ...about, ...who, total: eur(10000), ...rest } };
}

function booked(id: string, amount: number, date: number): Change {
  const about = { invoice: { externalId: "4711" }, version: date, toldAt: day(date) };
  return {
    ...{ kind: "payment", ...about, paymentId: id, stage: "received", amount: eur(amount) },
    occurredAt: day(date).slice(0, 10),
  };
}

function stripe(date: number, rest: object = {}): Change {
  const about = { externalId: "in_1", number: "S-1", version: day(date), toldAt: day(date) };
  const sameAs = { connection: "erp", externalId: "4711" };
  const who = { customer: { externalId: "cus_1" }, currency: "EUR", sameAs };
  return { kind: "invoice", invoice: { ...about, ...who, total: eur(10000), ...rest } };
}

function atStripe(id: string, amount: number, date: number, rest: object = {}): Change {
  const about = { invoice: { externalId: "in_1" }, version: day(date), toldAt: day(date) };
  return {
    ...{ kind: "payment", ...about, paymentId: id, stage: "received", amount: eur(amount) },
    ...{ occurredAt: day(date), ...rest },
  };
}

type Ledger = Awaited<ReturnType<typeof openLedger>>;

/** The ERP issues 100.00, of which 100.00 are paid at Stripe on the 5th. */
async function paidAtStripe(ledger: Ledger): Promise<void> {
  ledger.setTime(day(28));
  await ledger.says("erp", [erp(1, { paid: eur(0), due: eur(10000) })]);
  await ledger.says("stripe", [stripe(2)], "payments");
  await ledger.says("stripe", [atStripe("pi_1", 10000, 5)], "payments");
}

async function eventsOf(ledger: Ledger) {
  return (await ledger.events("INV-1")).map(({ type, data }) =>
    "amount" in data ? `${type} ${data.amount}` : type,
  );
}

const view = async (ledger: Ledger) => (await ledger.view("INV-1"))?.view;

test("what is booked weeks later is the same money, booked and not received anew", async () => {
  await using ledger = await openLedger();
  await paidAtStripe(ledger);
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 10000 });
  const sums = { paid: eur(10000), due: eur(0) };
  await ledger.says("erp", [erp(23, sums), booked("BANK-1", 10000, 23)]);
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 0 });
  expect(await eventsOf(ledger)).toEqual([
    "invoice.issued",
    "payment.received 10000",
    "payment.booked",
    expect.anything(),
  ]);
});

test("booked net of the fee, the rest stays what is not yet booked", async () => {
  await using ledger = await openLedger();
  await paidAtStripe(ledger);
  const sums = { paid: eur(9710), due: eur(290) };
  await ledger.says("erp", [erp(9, sums), booked("BANK-1", 9710, 9)]);
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 290 });
});

test("booked in two parts it is counted once, and announced once", async () => {
  await using ledger = await openLedger();
  await paidAtStripe(ledger);
  await ledger.says("erp", [
    erp(9, { paid: eur(6000), due: eur(4000) }),
    booked("BANK-1", 6000, 9),
  ]);
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 4000 });
  await ledger.says("erp", [
    erp(10, { paid: eur(10000), due: eur(0) }),
    booked("BANK-2", 4000, 10),
  ]);
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 0 });
  const events = await eventsOf(ledger);
  expect(events.filter((event) => event.startsWith("payment.received"))).toEqual([
    "payment.received 10000",
  ]);
});

test("booked by a balance alone it is that payment", async () => {
  await using ledger = await openLedger();
  await paidAtStripe(ledger);
  await ledger.says("erp", [erp(25, { due: eur(0) })]);
  const shown = await view(ledger);
  expect(shown).toMatchObject({ paid: 10000, due: 0, unbooked: 0 });
  expect(shown?.otherwise).toBeUndefined();
  expect((await eventsOf(ledger)).join()).not.toContain("invoice.settled");
});

test("another payment in the owner's books is not the contributor's", async () => {
  await using ledger = await openLedger();
  ledger.setTime(day(28));
  await ledger.says("erp", [erp(1, { paid: eur(0), due: eur(10000) })]);
  await ledger.says("erp", [erp(2, { paid: eur(4000), due: eur(6000) }), booked("B", 4000, 2)]);
  await ledger.says("stripe", [stripe(3)], "payments");
  await ledger.says("stripe", [atStripe("pi_1", 6000, 9)], "payments");
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 6000 });
});

test("a refund at the processor asks nobody for the money again until the owner does", async () => {
  await using ledger = await openLedger();
  await paidAtStripe(ledger);
  const sums = { paid: eur(10000), due: eur(0) };
  await ledger.says("erp", [erp(10, sums), booked("BANK-4", 10000, 10)]);
  const refund = atStripe("re_1", 3000, 15, { stage: "refunded", isRefund: true });
  await ledger.says("stripe", [refund], "payments");
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 0 });
  await ledger.says("erp", [erp(20, { paid: eur(7000), due: eur(3000) })]);
  expect(await view(ledger)).toMatchObject({ paid: 7000, due: 3000, unbooked: 0 });
});

test("a refund before the booking, which is of what was left, leaves nothing unbooked", async () => {
  await using ledger = await openLedger();
  await paidAtStripe(ledger);
  const refund = atStripe("re_1", 3000, 6, { stage: "refunded", isRefund: true });
  await ledger.says("stripe", [refund], "payments");
  expect(await view(ledger)).toMatchObject({ paid: 10000, due: 0, unbooked: 10000 });
  const sums = { paid: eur(7000), due: eur(3000) };
  await ledger.says("erp", [erp(9, sums), booked("BANK-1", 7000, 9)]);
  expect(await view(ledger)).toMatchObject({ paid: 7000, due: 3000, unbooked: 0 });
});
