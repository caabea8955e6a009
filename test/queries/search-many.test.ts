import { expect, test } from "vitest";
import { listInvoices, searchWay, totalsOf } from "#db/queries/invoices.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import { searchLimit } from "#domain/list-limits.ts";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const scope = new CustomerScope({
  ...{ customerId: "cus_1", customerName: "M", userId: "usr_1", userName: "Ann", role: "member" },
});

/** `open` of them are open, the first ones, and the rest paid; each is EUR 100.00. */
async function withInvoices(count: number, open: number) {
  const ledger = await openLedger();
  const customer = { externalId: "M", name: "Meridian" };
  const changes = Array.from({ length: count }, (_, index): Change => {
    const due = { amount: index < open ? 10_000 : 0, currency: "EUR" };
    const total = { amount: 10_000, currency: "EUR" };
    const description = `Zebra batch ${index}`;
    const number = `BULK-${String(index).padStart(5, "0")}`;
    const invoice = { number, version: 1, customer, currency: "EUR", description, total, due };
    return { kind: "invoice", invoice };
  });
  for (let from = 0; from < count; from += 500) {
    await ledger.says("erp", changes.slice(from, from + 500));
  }
  const { writer, db } = ledger.context;
  await writer.updateTable("customer_records").set({ customer_id: "cus_1" }).execute();
  await writer.updateTable("invoices").set({ customer_id: "cus_1" }).execute();
  return { ledger, db };
}

test("a search within a filter counts and adds up all that match", async () => {
  const { ledger, db } = await withInvoices(640, 20);
  await using _ = ledger;
  for (const search of ["zebra", "BULK", "100.00"]) {
    const way = await searchWay(db, scope, { search });
    expect(way).toEqual({ first: "words", isComplete: true });
    expect(await totalsOf(db, scope, { search }, way), search).toEqual([
      { currency: "EUR", invoices: 640, total: 6_400_000, due: 200_000, credit: 0 },
    ]);
    const open = { search, statuses: ["open"] as const };
    const listed = await listInvoices(db, scope, {
      ...{ filter: open, way, sort: "number", descending: false, cursor: null },
    });
    expect(listed.rows, search).toHaveLength(20);
  }
});

test("what a filter narrows down is searched through, however much has the words", async () => {
  const { ledger, db } = await withInvoices(searchLimit + 20, 20);
  await using _ = ledger;
  const filter = { search: "zebra", statuses: ["open"] as const };
  const way = await searchWay(db, scope, filter);
  expect(way).toEqual({ first: "rows", isComplete: true });
  expect(await totalsOf(db, scope, filter, way)).toEqual([
    { currency: "EUR", invoices: 20, total: 200_000, due: 200_000, credit: 0 },
  ]);
  // Where both are more than may be read, it says so instead of a wrong sum.
  expect(await searchWay(db, scope, { search: "zebra" })).toEqual({
    ...{ first: "words", isComplete: false },
  });
  // A word that fewer have is counted in full.
  const few = { search: "zebra 17" };
  expect(await searchWay(db, scope, few)).toEqual({ first: "words", isComplete: true });
}, 120_000);
