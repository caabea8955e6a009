import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import type { SystemEntry } from "#server/ledger/entry.ts";
import { recordIn } from "#server/ledger/record.ts";
import { openLedger } from "#test/support/ledger.ts";

function issued(number: string): Change {
  const customer = { externalId: "C-1", name: "ACME" };
  const total = { amount: 1000, currency: "EUR" };
  return { kind: "invoice", invoice: { number, version: 1, customer, currency: "EUR", total } };
}

function entry(number: string): SystemEntry {
  return {
    kind: "system",
    source: { kind: "connection", connection: "erp" },
    connection: { id: "erp", kind: "erp" },
    changes: [issued(number)],
    receivedAt: "2026-11-20T10:00:00.000Z",
    asked: true,
  };
}

test("a customer record whose transaction was undone is made anew, and one that stands is found again", async () => {
  await using ledger = await openLedger();
  const { context } = ledger;
  const undone = context.writer.transaction().execute(async (trx) => {
    for (const number of ["A", "B"]) await recordIn(trx, context, entry(number));
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  for (const number of ["C", "D", "E"]) await ledger.says("erp", [issued(number)]);
  const records = await context.db.selectFrom("customer_records").select("id").execute();
  expect(records).toHaveLength(1);
  const invoices = context.db.selectFrom("invoices").select(["number", "customer_record_id as id"]);
  expect(await invoices.orderBy("number").execute()).toEqual(
    ["C", "D", "E"].map((number) => ({ number, id: records[0]?.id })),
  );
});
