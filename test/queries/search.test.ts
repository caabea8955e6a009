import type { Kysely } from "kysely";
import { expect, test } from "vitest";
import { up } from "#db/migrations/0028_search_anywhere.ts";
import { listCustomers } from "#db/queries/customers.ts";
import { disputeQueue, QueueView } from "#db/queries/dispute-queue.ts";
import { filtered } from "#db/queries/invoices.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const now = "2026-11-20T10:00:00.000Z";
const scope = new CustomerScope({
  ...{ customerId: "cus_1", customerName: "Maß", userId: "usr_1", userName: "Ann", role: "member" },
});

function invoice(number: string, description: string, name = "Façade Élan B.V."): Change {
  const money = { total: { amount: 125_050, currency: "EUR" } };
  const customer = { externalId: name, name };
  return {
    kind: "invoice",
    invoice: { number, version: 1, customer, currency: "EUR", description, ...money },
  };
}

async function filled() {
  const ledger = await openLedger();
  await ledger.says("erp", [invoice("INV-1", "Anodised brackets, Größe M 10×20")]);
  await ledger.says("erp", [invoice("INV-2", "ΣΙΔΗΡΟΣ rails 2.5e3 o'clock")]);
  await ledger.says("erp", [invoice("inv_3%", "brackets of somebody else", "Other Ltd")]);
  const own = ledger.context.writer
    .updateTable("customer_records")
    .set({ customer_id: "cus_1" })
    .where("name", "!=", "Other Ltd");
  await own.execute();
  const mine = ledger.context.writer.updateTable("invoices").set({ customer_id: "cus_1" });
  await mine.where("number", "!=", "inv_3%").execute();
  const search = async (text: string) => {
    const rows = filtered(ledger.context.db, scope, { search: text }).select("number");
    return (await rows.orderBy("number").execute()).map(({ number }) => number);
  };
  return { ledger, search };
}

test.each([
  ["inv", ["INV-1", "INV-2"]],
  ["INV-1", ["INV-1"]],
  ["bracket", ["INV-1"]],
  ["facade elan", ["INV-1", "INV-2"]],
  ["FAÇADE", ["INV-1", "INV-2"]],
  ["grosse", ["INV-1"]],
  ["größe m", ["INV-1"]],
  ["GROSE", []],
  ["groß", ["INV-1"]],
  ["rösse", ["INV-1"]],
  ["10", ["INV-1"]],
  ["σιδηρ", ["INV-2"]],
  ["2.5e3", ["INV-2"]],
  ["o'clock", ["INV-2"]],
  ["rails brackets", []],
  ["1,250.50", ["INV-1", "INV-2"]],
  ["'); drop table events; --", []],
  ['\\ & | ! :* <-> "', []],
  ["%", []],
])("a search for %s finds %j of one's own", async (text, numbers) => {
  const { ledger, search } = await filled();
  await using _ = ledger;
  expect(await search(text)).toEqual(numbers);
});

test.each(["%", "_", "\\", "!", "a\\"])("%s is itself where finance searches", async (search) => {
  await using ledger = await openLedger();
  const { db, writer } = ledger.context;
  const rows = ["100% Steel", "Plain", "under_score", "back\\slash", "Yes! Ltd", "a\\b"].map(
    (name) => ({ id: name, name, slug: name, logo: null, metadata: null, createdAt: now }),
  );
  await writer.insertInto("organization").values(rows).execute();
  const found = await listCustomers(db, { search, limit: 10 });
  const expected = rows.map(({ name }) => name).filter((name) => name.includes(search));
  expect(found.map(({ name }) => name)).toEqual(expected.sort());
  const queue = { view: QueueView.enum.all, userId: "ann", now, search, limit: 10 };
  expect(await disputeQueue(db, queue)).toEqual([]);
});

test("the words of invoices from before stand under their records after the migration", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [invoice("KA-1", "brackets"), invoice("KA-2", "rails")]);
  const words = () =>
    ledger.context.db.selectFrom("invoice_search").selectAll().orderBy("rowid").execute();
  const written = await words();
  expect(written.map(({ text }) => text)).toEqual([
    "ka1\nfacade elan bv\nbrackets",
    "ka2\nfacade elan bv\nrails",
  ]);
  expect(written[0]?.words).toMatch(/^(\w{6}[a-z0-9]{1,3} ?){23}$/);
  await up(ledger.owner as Kysely<unknown>);
  expect(await words()).toEqual(written);
});
