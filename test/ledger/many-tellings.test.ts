import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const second = (version: number) => new Date(Date.UTC(2026, 10, 20) + version * 1000).toISOString();

function telling(version: number, rest: object): Change {
  const invoice = { externalId: "in_1", number: "INV-1", version, toldAt: second(version) };
  return { kind: "invoice", invoice: { ...invoice, currency: "EUR", ...rest } };
}

const whole = {
  customer: { externalId: "C-1", name: "Acme" },
  ...{ state: "issued", dueOn: "2027-01-31", description: "Anodizing" },
  references: [{ kind: "po", value: "PO-7" }],
};
const versions = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => from + at);

test("an invoice that is told hundreds of times keeps what only the first telling said", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [telling(1, { ...whole, total: eur(10000), due: eur(10000) })]);
  for (const version of versions(2, 450)) {
    const amount = eur(10000 + version);
    await ledger.says("erp", [telling(version, { total: amount, due: amount })]);
  }
  const { view } = (await ledger.view("INV-1")) ?? {};
  expect(view).toMatchObject({
    ...{ total: 10451, due: 10451, paid: 0, credited: 0 },
    ...{ customerName: "Acme", dueOn: "2027-01-31", description: "Anodizing" },
    references: [{ kind: "po", value: "PO-7" }],
  });
});

test("a balance that only early tellings explain stays what it was, and a payment still names it", async () => {
  await using ledger = await openLedger();
  const part = { total: eur(10000), paid: eur(4000), due: eur(6000) };
  await ledger.says("erp", [telling(1, { ...whole, total: eur(10000), due: eur(10000) })]);
  await ledger.says("erp", [telling(2, part)]);
  for (const version of versions(3, 230)) await ledger.says("erp", [telling(version, part)]);
  for (const version of versions(233, 230)) {
    await ledger.says("erp", [telling(version, { description: `Anodizing ${version}` })]);
  }
  await ledger.says("erp", [
    {
      ...{ kind: "payment", invoice: { externalId: "in_1" }, paymentId: "P-1", stage: "received" },
      ...{ amount: eur(4000), occurredAt: second(2) },
    },
  ]);
  const { view } = (await ledger.view("INV-1")) ?? {};
  expect(view).toMatchObject({ total: 10000, paid: 4000, due: 6000, customerName: "Acme" });
  const received = (await ledger.events()).filter(({ type }) => type === "payment.received");
  expect(received).toHaveLength(1);
});
