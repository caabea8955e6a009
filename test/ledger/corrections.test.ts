import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const told = (minute: number) => `2026-11-20T09:${String(minute).padStart(2, "0")}:00.000Z`;

function snapshot(version: number, currency: string, rest: object = {}): Change {
  const about = { externalId: "4711", number: "INV-1", version, toldAt: told(version) };
  const who = { customer: { externalId: "C-1", name: "Acme" }, currency };
  return { kind: "invoice", invoice: { ...about, ...who, ...rest } };
}

const sums = (currency: string, total: number, paid = 0) => ({
  total: { amount: total, currency },
  paid: { amount: paid, currency },
  due: { amount: total - paid, currency },
});

test("the owner corrects the currency: the invoice is issued anew, what was paid before counts no more", async () => {
  const first = snapshot(1, "EUR", sums("EUR", 10000));
  const paid: Change = {
    ...{ kind: "payment", invoice: { externalId: "4711" }, paymentId: "P", stage: "received" },
    ...{ amount: { amount: 4000, currency: "EUR" }, version: 2, occurredAt: told(2) },
  };
  const corrected = snapshot(3, "USD", sums("USD", 11000));
  for (const order of [
    [first, paid, corrected],
    [first, corrected, paid],
  ]) {
    await using ledger = await openLedger();
    const refused: string[] = [];
    for (const change of order) {
      const said = ledger.says("erp", [change]);
      await said.catch((error: unknown) => refused.push(String(error)));
    }
    // A payment in the former currency that comes late is refused.
    const late = order[2] === paid ? ["RequestError: Invoice 4711 is in USD, not in EUR"] : [];
    expect(refused).toEqual(late);
    const { row, view } = (await ledger.view("INV-1")) ?? {};
    expect(row).toMatchObject({ currency: "USD", total: 11000, paid: 0, due: 11000 });
    expect(view?.payments).toEqual([]);
    const reissued = (await ledger.events("INV-1")).find(({ type }) => type === "invoice.reissued");
    expect(reissued?.data).toMatchObject({ from: { currency: "EUR", total: 10000 } });
  }
});

test("a draft that nobody saw may be approved in another currency", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, "EUR", { ...sums("EUR", 10000), state: "draft" })]);
  await ledger.says("erp", [snapshot(2, "USD", { ...sums("USD", 11000), state: "issued" })]);
  const events = (await ledger.events("INV-1")).map(({ type }) => type);
  expect(events).toEqual(["invoice.issued"]);
  expect((await ledger.view("INV-1"))?.row).toMatchObject({ currency: "USD", total: 11000 });
});

test("a contributor in another currency is refused", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, "EUR", sums("EUR", 10000))]);
  const sameAs = { connection: "erp", externalId: "4711" };
  const other = snapshot(1, "USD", { ...sums("USD", 11000), externalId: "in_1", sameAs });
  await expect(ledger.says("stripe", [other], "payments")).rejects.toThrow("is in EUR, not in USD");
});

test("overdue without a due date holds for the date that was known then, and no later one", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, "EUR", { ...sums("EUR", 10000), dueOn: "2026-11-10" })]);
  await ledger.says("erp", [snapshot(2, "EUR", { overdue: true })]);
  expect((await ledger.view("INV-1"))?.row.status).toBe("overdue");
  await ledger.says("erp", [snapshot(3, "EUR", { dueOn: "2026-11-10" })]);
  expect((await ledger.view("INV-1"))?.row.status).toBe("overdue");
  await ledger.says("erp", [snapshot(4, "EUR", { dueOn: "2027-03-01" })]);
  expect((await ledger.view("INV-1"))?.row.status).toBe("open");
  const events = (await ledger.events("INV-1")).filter(({ type }) => type === "invoice.overdue");
  expect(events).toHaveLength(1);
});

test.each([
  ["a refund", { kind: "payment", paymentId: "R", stage: "refunded" }],
  ["a payment", { kind: "payment", paymentId: "P", stage: "received" }],
  ["a credit note", { kind: "credit", creditId: "C", type: "credit_note" }],
  ["a dispute", { kind: "dispute", externalId: "D", state: "open" }],
])("%s of a negative amount is refused", async (_what, about) => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, "EUR", sums("EUR", 10000))]);
  const amount = { amount: -200, currency: "EUR" };
  const change = { ...about, invoice: { externalId: "4711" }, amount, occurredAt: told(2) };
  await expect(ledger.says("erp", [change as Change])).rejects.toThrow("is negative");
});

test("a version or time far ahead counts as of its receipt, and what follows is believed", async () => {
  await using ledger = await openLedger();
  const ahead = { version: "2062-11-29T10:00:00.000Z", toldAt: "2062-11-29T10:00:00.000Z" };
  await ledger.says("erp", [snapshot(1, "EUR", { ...sums("EUR", 10000), ...ahead })]);
  ledger.setTime("2026-11-20T10:01:00.000Z");
  const now = { version: "2026-11-20T10:01:00.000Z", toldAt: "2026-11-20T10:01:00.000Z" };
  await ledger.says("erp", [snapshot(2, "EUR", { ...sums("EUR", 10000, 10000), ...now })]);
  expect((await ledger.view("INV-1"))?.row).toMatchObject({ status: "paid", paid: 10000 });
});

test("a customer without a name is called by its id, as its record is", async () => {
  await using ledger = await openLedger();
  const nameless = { customer: { externalId: "cus_f13" }, ...sums("EUR", 10000) };
  await ledger.says("erp", [snapshot(1, "EUR", nameless)]);
  expect((await ledger.view("INV-1"))?.row.customer_name).toBe("cus_f13");
});

test("a processor that voided its own invoice does not say where to pay", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [snapshot(1, "EUR", sums("EUR", 10000))]);
  const about = { externalId: "in_1", sameAs: { connection: "erp", externalId: "4711" } };
  const link = { ...about, ...sums("EUR", 10000), payUrl: "https://pay.example/1" };
  await ledger.says("stripe", [snapshot(1, "EUR", link)], "payments");
  expect((await ledger.view("INV-1"))?.view.payUrl).toBe("https://pay.example/1");
  await ledger.says("stripe", [snapshot(2, "EUR", { ...about, state: "void" })], "payments");
  expect((await ledger.view("INV-1"))?.view.payUrl).toBeNull();
});
