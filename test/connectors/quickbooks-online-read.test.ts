import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { connectors } from "#server/connectors/index.ts";
import { type Intuit, startIntuit } from "#test/support/intuit.ts";
import { openLedger } from "#test/support/ledger.ts";
import { startStandIn, testHttp } from "./stand-in.ts";

const realm = "9130357766900001";
const now = new Date("2026-11-20T10:00:00.000Z");
const file = (name: string) =>
  readFileSync(join(import.meta.dirname, "quickbooks-online", "more", name));

function listed() {
  const connector = connectors.get("quickbooks-online");
  if (!connector) throw new Error("It is not in the list");
  return connector;
}

function company(apiUrl: string, settings: object = {}) {
  const organisation = {
    account: realm,
    app: { clientId: "client-1", environment: "sandbox", apiUrl },
    token: async () => "token-1",
    renew: async () => "token-2",
  };
  return listed().bind(settings, {}, testHttp(), organisation);
}

/** A company at the fake Intuit, with a token that it takes. */
function companyAt(intuit: Intuit, settings: object = {}) {
  const token = intuit.grants.tokenFor(realm);
  const same = async () => token;
  const app = { clientId: "client-1", environment: "sandbox", apiUrl: intuit.url };
  const organisation = { account: realm, app, token: same, renew: same };
  return listed().bind(settings, {}, testHttp(), organisation);
}

const answering = (body: object) => startStandIn(() => ({ status: 200, body }));

test("an invoice that is partly paid is read to the cent, with its payment", async () => {
  const invoice: { Invoice: object } = JSON.parse(
    file("05-fetch-invoice-partially-paid.json").toString(),
  );
  const cdc = JSON.parse(file("06-cdc-void-deleted-payment.json").toString());
  const payment = cdc.CDCResponse[0].QueryResponse[1].Payment[0];
  await using system = await startStandIn(({ path }) => ({
    status: 200,
    body: path.includes("/payment/162") ? { Payment: payment } : invoice,
  }));
  const changes = (await company(system.url).fetch?.({ externalId: "145" }))?.changes;
  expect(changes).toMatchObject([
    {
      kind: "invoice",
      invoice: {
        ...{ externalId: "145", number: "1045", version: 21794320550 },
        toldAt: "2026-11-10T14:22:30.000Z",
        customer: { externalId: "58", name: "Acme Industrial LLC", email: "ap@acme.example" },
        ...{ state: "issued", currency: "USD", total: { amount: 238000 }, due: { amount: 138000 } },
        ...{ issuedOn: "2026-11-02", dueOn: "2026-12-02", paymentIds: ["162"], creditIds: [] },
        lines: [
          ...[{ id: "1", description: "Consulting October", quantity: "20", unitPrice: "110", net: 220000 }],
        ],
      },
    },
    {
      ...{ kind: "payment", paymentId: "162", stage: "received", amount: { amount: 100000 } },
      ...{ reference: "WIRE-778", occurredAt: "2026-11-10" },
    },
  ]);
  expect(system.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /v3/company/${realm}/invoice/145?minorversion=75`,
    `GET /v3/company/${realm}/payment/162?minorversion=75`,
  ]);
  expect(system.asked[0]?.headers).toMatchObject({
    authorization: "Bearer token-1",
    accept: "application/json",
  });
});

const base = {
  ...{ Id: "9", SyncToken: "3", MetaData: { LastUpdatedTime: "2026-11-10T06:22:30-08:00" } },
  ...{ CustomerRef: { value: "58", name: "Acme" }, TotalAmt: 10, Balance: 10 },
};

async function snapshot(fields: object, settings: object = {}) {
  await using system = await answering({ Invoice: { ...base, ...fields } });
  const [change] = (await company(system.url, settings).fetch?.({ externalId: "9" }))?.changes ?? [];
  if (change?.kind !== "invoice") throw new Error("It is no invoice");
  return change.invoice;
}

test("a voided invoice is known by its note; one over nothing without it says no state", async () => {
  const nothing = { TotalAmt: 0, Balance: 0, CurrencyRef: { value: "USD" } };
  expect((await snapshot({ ...nothing, PrivateNote: "Voided - duplicate" })).state).toBe("void");
  expect((await snapshot({ ...nothing, PrivateNote: "Free sample" })).state).toBeUndefined();
  expect((await snapshot({ CurrencyRef: { value: "USD" }, PrivateNote: "Voided?" })).state).toBe("issued");
});

test("amounts are in the invoice's currency, or the company's where it names none", async () => {
  const yen = { TotalAmt: 5000, Balance: 4999, CurrencyRef: { value: "JPY" }, ExchangeRate: 0.0066 };
  expect(await snapshot(yen)).toMatchObject({
    total: { amount: 5000, currency: "JPY" },
    due: { amount: 4999, currency: "JPY" },
  });
  expect((await snapshot({}, { homeCurrency: "EUR" })).total).toEqual({ amount: 1000, currency: "EUR" });
  await expect(snapshot({})).rejects.toThrow("set the connection's home currency");
});

test("a settled invoice with a line on the bad-debt item is written off, if that item is named", async () => {
  const line = (ItemRef: object) => ({
    ...{ Id: "2", Amount: -10, DetailType: "SalesItemLineDetail", SalesItemLineDetail: { ItemRef } },
  });
  const fields = {
    ...{ TotalAmt: 0, Balance: 0, CurrencyRef: { value: "USD" } },
    Line: [line({ value: "31", name: "Bad debts" })],
  };
  expect((await snapshot(fields, { writeOffItem: "bad debts" })).state).toBe("written_off");
  expect((await snapshot(fields, { writeOffItem: "31" })).state).toBe("written_off");
  expect((await snapshot(fields, { writeOffItem: "7" })).state).toBeUndefined();
});

test("bundles are shown item by item, discounts lower, sums are no lines, PO numbers are references", async () => {
  const detail = (ItemRef: object) => ({ ItemRef, Qty: 2.5, UnitPrice: 4.125 });
  const inner = {
    ...{ Id: "3", Amount: 10.31, DetailType: "SalesItemLineDetail" },
    SalesItemLineDetail: detail({ value: "5", name: "Bracket" }),
  };
  const told = await snapshot({
    CurrencyRef: { value: "USD" },
    CustomField: [{ DefinitionId: "2", Name: "P.O. Number", StringValue: "PO-77" }],
    Line: [
      { Id: "2", DetailType: "GroupLineDetail", GroupLineDetail: { Line: [inner] } },
      { Id: "4", Amount: 0.31, DetailType: "DiscountLineDetail" },
      { Amount: 10, DetailType: "SubTotalLineDetail" },
    ],
  });
  expect(told.lines).toEqual([
    { id: "3", description: "Bracket", quantity: "2.5", unitPrice: "4.125", net: 1031 },
    { id: "4", description: "Discount", net: -31 },
  ]);
  expect(told.references).toEqual([{ kind: "po", value: "PO-77" }]);
});

test("a credit memo's notification leads to the invoices it was applied to, as an adjustment", async () => {
  await using intuit = await startIntuit({ clock: () => now });
  const books = intuit.company(realm);
  const [first, second] = [books.issue(10000), books.issue(5000)];
  const memo = books.creditMemo("CM-5");
  const applied = books.pay(
    [
      { invoice: first, amount: 3000 },
      { invoice: second, amount: 5000 },
    ],
    { credits: [{ memo, amount: 4000 }] },
  );
  books.change("CreditMemo", memo, { LinkedTxn: [{ TxnId: applied, TxnType: "Payment" }] });
  const changes = (await companyAt(intuit).fetch?.({ externalId: `creditmemo:${memo}` }))?.changes;
  const items = changes?.flatMap((change) =>
    change.kind === "payment" || change.kind === "credit"
      ? [[change.invoice.externalId, change.kind, change.amount.amount]]
      : [],
  );
  expect(items).toEqual([
    [first, "credit", 3000],
    [second, "payment", 4000],
    [second, "credit", 1000],
  ]);
  expect(changes?.[1]).toMatchObject({ type: "credit_note", reason: "Credit memo CM-5" });
  expect(await companyAt(intuit).fetch?.({ externalId: "creditmemo:999" })).toEqual({ changes: [] });
  expect(intuit.violations).toEqual([]);
});

test("whatever happens in QuickBooks, what was read leads to the same picture in any order", async () => {
  await using intuit = await startIntuit({ clock: () => now });
  const books = intuit.company(realm);
  const id = books.issue(100000, { docNumber: "1045" });
  const bound = companyAt(intuit);
  const readings: Change[][] = [];
  const read = async () => readings.push((await bound.fetch?.({ externalId: id }))?.changes ?? []);
  await read();
  const wrong = books.pay([{ invoice: id, amount: 30007 }]);
  await read();
  books.deletePayment(wrong);
  await read();
  const right = books.pay([{ invoice: id, amount: 40000 }], { unapplied: 500 });
  const memo = books.creditMemo("CM-6");
  books.pay([{ invoice: id, amount: 10000 }], { credits: [{ memo, amount: 10000 }] });
  await read();
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
  ]) {
    await using ledger = await openLedger();
    for (const at of order) await ledger.says("qbo", readings[at] ?? [], "accounting");
    const view = (await ledger.view("1045"))?.view;
    expect(view, order.join()).toMatchObject({
      ...{ total: 100000, paid: 40000, credited: 10000, due: 50000, inferred: 0 },
      credits: [{ amount: 10000, reason: "Credit memo CM-6" }],
    });
    const standing = view?.payments.filter(({ stage }) => stage === "received");
    expect(standing?.map(({ id: payment }) => payment)).toEqual([right]);
  }
  expect(intuit.violations).toEqual([]);
});

test("what was deleted is void by QuickBooks' clock, what never was is not known", async () => {
  await using intuit = await startIntuit({ clock: () => now });
  intuit.company(realm);
  expect((await companyAt(intuit).fetch?.({ externalId: "145" }))?.changes).toEqual([
    {
      kind: "invoice",
      invoice: {
        ...{ externalId: "145", version: "2026-11-20T10:00:00.000Z", state: "void", isGone: true },
        readAt: "2026-11-20T10:00:00.000Z",
        // Its payments and credits are no longer its own.
        ...{ paymentIds: [], creditIds: [] },
      },
    },
  ]);
  expect(await companyAt(intuit).fetch?.({ number: "1045" })).toEqual({ changes: [] });
  expect(await companyAt(intuit).fetch?.({ externalId: "payment:1" })).toEqual({ changes: [] });
});
