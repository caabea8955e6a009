import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { tellUnbooked } from "#server/notices/tell-unbooked.ts";
import { openLedger } from "#test/support/ledger.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });

function snapshot(id: string, version: number, rest: object = {}): Change {
  const about = { externalId: id, number: "INV-1", version, toldAt: "2026-11-20T09:00:00.000Z" };
  const who = { customer: { externalId: "C-1", name: "Acme" }, currency: "EUR" };
  return { kind: "invoice", invoice: { ...about, ...who, total: eur(10000), ...rest } };
}

test("money that the owner has not booked in ten days is told to finance, once, until it is booked", async () => {
  await using ledger = await openLedger();
  const { context } = ledger;
  await ledger.says("erp", [snapshot("4711", 1, { paid: eur(0), due: eur(10000) })]);
  const sameAs = { connection: "erp", externalId: "4711" };
  await ledger.says("stripe", [snapshot("in_1", 1, { sameAs })], "payments");
  const paid: Change = {
    ...{ kind: "payment", invoice: { externalId: "in_1" }, paymentId: "pi_1", stage: "received" },
    ...{ amount: eur(10000), occurredAt: "2026-11-20T09:00:00.000Z", version: 2 },
  };
  await ledger.says("stripe", [paid], "payments");
  const open = async () => {
    const rows = context.db.selectFrom("finance_notices").select(["action", "details"]);
    return rows.where("closed_at", "is", null).execute();
  };
  ledger.setTime("2026-11-29T10:00:00.000Z");
  expect(await tellUnbooked(context)).toBe(0);
  ledger.setTime("2026-12-02T10:00:00.000Z");
  expect(await tellUnbooked(context)).toBe(1);
  expect(await tellUnbooked(context)).toBe(0);
  expect(await open()).toEqual([
    { action: "payment_unbooked", details: JSON.stringify({ amount: 10000, refunded: 0 }) },
  ]);
  const booked = { paid: eur(10000), due: eur(0), toldAt: "2026-12-02T09:00:00.000Z" };
  await ledger.says("erp", [snapshot("4711", 2, booked)]);
  expect(await tellUnbooked(context)).toBe(0);
  expect(await open()).toEqual([]);
});
