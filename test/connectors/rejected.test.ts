import { expect, test } from "vitest";
import type { Parsed } from "#server/connectors/contract.ts";
import { connectors } from "#server/connectors/index.ts";
import { keptInvoice } from "./fake-xero-invoices.ts";
import { moveRow } from "./odoo-records.ts";
import { startOdoo } from "./odoo-server.ts";
import { type Reply, startStandIn, testHttp } from "./stand-in.ts";
import { xeroOrganisation } from "./xero-organisation.ts";

const now = new Date("2026-11-20T10:00:00.000Z");
const since = "2026-11-19T00:00:00.000Z";

function requireListed(slug: string) {
  const connector = connectors.get(slug);
  if (!connector) throw new Error(`${slug} is not in the list`);
  return connector;
}

const numbersIn = ({ changes }: Parsed) =>
  changes.flatMap((change) => (change.kind === "invoice" ? [change.invoice.number] : []));

test("a fetched page of our own format keeps its good invoices", async () => {
  const invoice = { currency: "EUR", total: "10.00", version: 1 };
  const data = [
    { ...invoice, number: "A" },
    { ...invoice, number: "B", currency: "JPY", total: "1.50" },
    { ...invoice, number: "C", currency: "XAU" },
    { ...invoice, number: "D" },
  ];
  await using system = await startStandIn(() => ({ status: 200, body: { data } }));
  const secrets = { webhookSecret: "whsec_dGVzdC1zZWNyZXQtc3RhbmRhcmQtd2ViaG9va3M=" };
  const bound = requireListed("standard-webhooks").bind(
    { fetchUrl: system.url },
    secrets,
    testHttp(),
  );
  const page = await bound.changedSince?.(since, null);
  expect(page && numbersIn(page)).toEqual(["A", "D"]);
  expect(page?.rejected?.map(({ at }) => at)).toEqual(["Invoice B", "Invoice C"]);
});

test("our own format says gone by 410; 404 may be another address", async () => {
  let status = 410;
  await using system = await startStandIn(() => ({ status, body: {} }));
  const secrets = { webhookSecret: "whsec_dGVzdC1zZWNyZXQtc3RhbmRhcmQtd2ViaG9va3M=" };
  const listed = requireListed("standard-webhooks");
  const bound = listed.bind({ fetchUrl: system.url }, secrets, testHttp({ now }));
  expect(await bound.fetch?.({ externalId: "x-1" })).toMatchObject({
    changes: [{ invoice: { externalId: "x-1", state: "void", isGone: true } }],
  });
  status = 404;
  expect(await bound.fetch?.({ externalId: "x-1" })).toBeNull();
  expect(bound.whenMissing).toBe("hidden");
});

test("Stripe: an amount that ISO's krona cannot have is rejected alone", async () => {
  const invoice = (id: string, total: number) => ({
    ...{ object: "invoice", id, number: id, status: "open", currency: "isk", created: 1_793_613_912 },
    ...{ total, amount_paid: 0, amount_remaining: total, lines: { data: [], has_more: false } },
    payments: { data: [], has_more: false },
  });
  const totals: Record<string, number> = { in_1: 10_000, in_2: 10_050, in_3: 20_000 };
  await using system = await startStandIn(({ path }): Reply => {
    const { pathname } = new URL(path, "http://stripe.test");
    const id = pathname.split("/")[3];
    const list = (data: unknown[]) => ({ status: 200, body: { data, has_more: false } });
    if (pathname === "/v1/events") {
      const objects = Object.keys(totals).map((each) => ({ id: each, object: "invoice" }));
      return list(objects.map((object, at) => ({ id: `evt_${at}`, data: { object } })));
    }
    if (pathname.startsWith("/v1/invoices/") && id !== undefined) {
      return { status: 200, body: invoice(id, totals[id] ?? 0) };
    }
    return list([]);
  });
  const secrets = { webhookSecret: "test-secret-stripe", apiKey: "rk_test_1" };
  const bound = requireListed("stripe").bind({ apiUrl: system.url }, secrets, testHttp({ now }));
  const page = await bound.changedSince?.(since, null);
  expect(page && numbersIn(page)).toEqual(["in_1", "in_3"]);
  expect(page?.rejected).toMatchObject([{ at: "Invoice in_2" }]);
  await expect(bound.fetch?.({ externalId: "in_2" })).rejects.toMatchObject({ status: 422 });
});

test("Odoo: a row in a currency that nobody has is rejected alone, by the page and by its id", async () => {
  await using odoo = await startOdoo();
  odoo.moves.push(
    moveRow({ id: 1, name: "INV/1" }),
    moveRow({ id: 2, name: "INV/2", currency_id: [7, "UTM"] }),
    moveRow({ id: 3, name: "INV/3", currency_id: [8, "UF"] }),
    // A credit note that cannot be read would look as if it had been taken back.
    moveRow({ id: 4, name: "INV/4" }),
    moveRow({ id: 5, move_type: "out_refund", reversed_entry_id: [4, "INV/4"], state: 7 }),
  );
  const secrets = { webhookSecret: "test-secret-odoo", apiKey: "key-of-portal-bot" };
  const bound = requireListed("odoo").bind({ url: odoo.url }, secrets, testHttp({ now }));
  const page = await bound.changedSince?.("2026-11-01T00:00:00.000Z", null);
  expect(page && numbersIn(page)).toEqual(["INV/1", "INV/3"]);
  expect(page?.rejected?.map(({ at }) => at)).toEqual(
    expect.arrayContaining(["Invoice INV/2", "Invoice INV/4"]),
  );
  await expect(bound.fetch?.({ externalId: "2" })).rejects.toMatchObject({ status: 422 });
});

test("Xero: a row without a status is rejected alone, of a page and of a notification", async () => {
  const { updatedMs, ...row } = keptInvoice();
  const rows = ["1", "2", "3"].map((id) => ({
    ...{ ...row, InvoiceID: id, InvoiceNumber: `X-${id}` },
    UpdatedDateUTC: `/Date(${updatedMs}+0000)/`,
    ...(id === "2" && { Status: undefined }),
  }));
  await using system = await startStandIn(() => ({ status: 200, body: { Invoices: rows } }));
  const bound = xeroOrganisation(system.url);
  const page = await bound.changedSince?.(since, null);
  expect(page && numbersIn(page)).toEqual(["X-1", "X-3"]);
  expect(page?.rejected).toMatchObject([{ at: "Invoice X-2" }]);
  const [good, bad] = await Promise.allSettled(
    ["1", "2"].map(async (externalId) => bound.fetch?.({ externalId })),
  );
  expect(good).toMatchObject({ status: "fulfilled", value: { changes: [{ kind: "invoice" }] } });
  expect(bad).toMatchObject({ status: "rejected", reason: { status: 422 } });
});

test("QuickBooks: a line of three decimals costs nothing, an invoice without currency only itself", async () => {
  const invoice = (Id: string, rest: object = {}) => ({
    ...{ Id, SyncToken: "0", DocNumber: `Q${Id}`, TotalAmt: 100, Balance: 100, LinkedTxn: [] },
    MetaData: { LastUpdatedTime: "2026-11-19T10:00:00-08:00" },
    CurrencyRef: { value: "USD" },
    Line: [{ Id: "1", Description: "W", Amount: 33.333, DetailType: "SalesItemLineDetail" }],
    ...rest,
  });
  const preferences: { CurrencyPrefs?: object } = {};
  await using system = await startStandIn(({ path }): Reply => {
    if (path.includes("/preferences")) {
      return { status: 200, body: { Preferences: preferences } };
    }
    const Invoice = [invoice("50"), invoice("11", { CurrencyRef: undefined }), invoice("51")];
    const QueryResponse = [{ Invoice, Payment: [{ Id: "9" }], CreditMemo: [] }];
    return { status: 200, body: { CDCResponse: [{ QueryResponse }] } };
  });
  const read = () => {
    const app = { clientId: "client-1", environment: "production", apiUrl: system.url };
    const same = async () => "token";
    const organisation = { account: "1", app, token: same, renew: same };
    const listed = requireListed("quickbooks-online");
    return listed.bind({}, {}, testHttp({ now }), organisation).changedSince?.(since, null);
  };
  const page = await read();
  expect(page && numbersIn(page)).toEqual(["Q50", "Q51"]);
  expect(page?.changes[0]).toMatchObject({ invoice: { lines: [{ net: 3333 }] } });
  expect(page?.rejected?.map(({ at }) => at)).toEqual(["Payment 9", "Invoice Q11"]);
  preferences.CurrencyPrefs = { HomeCurrency: { value: "CLF" } };
  const named = await read();
  expect(named && numbersIn(named)).toEqual(["Q50", "Q11", "Q51"]);
  expect(named?.changes[1]).toMatchObject({ invoice: { total: { amount: 1_000_000 } } });
});

test("names and numbers are cleaned wherever they come from", async () => {
  const { updatedMs, ...row } = keptInvoice({ InvoiceNumber: "INV-\u202e1\n2" });
  const body = { Invoices: [{ ...row, UpdatedDateUTC: `/Date(${updatedMs}+0000)/` }] };
  await using system = await startStandIn(() => ({ status: 200, body }));
  const page = await xeroOrganisation(system.url).changedSince?.(since, null);
  expect(page && numbersIn(page)).toEqual(["INV-1 2"]);
});
