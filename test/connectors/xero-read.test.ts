import { expect, test } from "vitest";
import type { ChangedPage } from "#server/connectors/contract.ts";
import { UpstreamError } from "#server/errors.ts";
import { invoiceId, keptInvoice } from "./fake-xero-invoices.ts";
import { startFakeXero, tenants } from "./fake-xero.ts";
import { testHttp } from "./stand-in.ts";
import { xeroOrganisation } from "./xero-organisation.ts";

const now = new Date("2026-11-20T10:00:00.000Z");

test("a supplier's bill says nothing, by id or by number", async () => {
  await using fake = await startFakeXero();
  const { invoices } = fake.organisation(tenants.north);
  invoices.set("bill", keptInvoice({ InvoiceID: "bill", Type: "ACCPAY" }));
  const bound = xeroOrganisation(fake.url, fake);
  expect(await bound.fetch?.({ externalId: "bill" })).toEqual({ changes: [] });
  expect(await bound.fetch?.({ number: "INV-0042" })).toBeNull();
  invoices.set(invoiceId, keptInvoice());
  const found = (await bound.fetch?.({ number: "INV-0042" }))?.changes;
  expect(found).toMatchObject([{ invoice: { externalId: invoiceId } }]);
  expect(fake.faults).toEqual([]);
});

test("a credit note leads to the invoices that it was applied to, a supplier's to none", async () => {
  await using fake = await startFakeXero();
  const { invoices, creditNotes } = fake.organisation(tenants.north);
  invoices.set(invoiceId, keptInvoice());
  invoices.set("second", keptInvoice({ InvoiceID: "second", InvoiceNumber: "INV-0043" }));
  const Allocations = [invoiceId, "second", invoiceId].map((InvoiceID) => ({
    ...{ Amount: 10, Date: "/Date(1794320552000+0000)/" },
    Invoice: { InvoiceID },
  }));
  creditNotes.set("cn-1", { CreditNoteID: "cn-1", Type: "ACCRECCREDIT", Allocations });
  creditNotes.set("cn-2", { CreditNoteID: "cn-2", Type: "ACCPAYCREDIT", Allocations });
  const bound = xeroOrganisation(fake.url, fake);
  const changes = (await bound.fetch?.({ externalId: "credit-note:cn-1" }))?.changes;
  expect(changes?.map(({ invoice }) => invoice.externalId)).toEqual([invoiceId, "second"]);
  expect(fake.calls()).toEqual(["GET /CreditNotes/cn-1", "GET /Invoices"]);
  const nothing = { changes: [] };
  expect(await bound.fetch?.({ externalId: "credit-note:cn-2" })).toEqual(nothing);
  expect(await bound.fetch?.({ externalId: "credit-note:none" })).toEqual(nothing);
});

test("a hundred invoices that are asked for at once are read by three calls", async () => {
  await using fake = await startFakeXero();
  const { invoices } = fake.organisation(tenants.north);
  const ids = Array.from({ length: 100 }, (_, at) => `id-${at}`);
  for (const id of ids) invoices.set(id, keptInvoice({ InvoiceID: id, InvoiceNumber: id }));
  const bound = xeroOrganisation(fake.url, fake);
  const found = await Promise.all(ids.map(async (externalId) => bound.fetch?.({ externalId })));
  expect(found.map((answer) => answer?.changes[0]?.invoice.externalId)).toEqual(ids);
  expect([fake.calls().length, fake.faults]).toEqual([3, []]);
});

test("what changed is read page by page, and nothing slips through when invoices change meanwhile", async () => {
  await using fake = await startFakeXero();
  const { invoices } = fake.organisation(tenants.north);
  const updatedMs = Date.parse("2026-11-10T00:00:00.000Z");
  const changedMs = Date.parse("2026-11-20T10:00:00.000Z");
  const ids = Array.from({ length: 350 }, (_, at) => `id-${String(at).padStart(3, "0")}`);
  const put = (InvoiceID: string, ms: number) =>
    invoices.set(InvoiceID, keptInvoice({ InvoiceID, InvoiceNumber: InvoiceID, updatedMs: ms }));
  // All in one second, as after an import; some of long ago join the list only while it is read.
  for (const id of ids) put(id, id.endsWith("7") ? 0 : updatedMs);
  invoices.set("bill", keptInvoice({ InvoiceID: "bill", Type: "ACCPAY" }));
  const bound = xeroOrganisation(fake.url, fake);
  const seen = new Set<string>();
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page: ChangedPage | undefined = await bound.changedSince?.(
      "2026-11-10T00:00:00.400Z",
      cursor,
    );
    for (const { invoice } of page?.changes ?? []) seen.add(invoice.externalId ?? "");
    cursor = page?.next ?? null;
    pages += 1;
    for (const id of ids.slice(pages * 10, pages * 10 + 10)) put(id, changedMs);
  } while (cursor !== null && pages < 20);
  const missing = ids.filter((id) => !id.endsWith("7") && !seen.has(id));
  expect([missing, pages < 6, fake.faults]).toEqual([[], true, []]);
  expect(fake.asked[0]?.headers["if-modified-since"]).toBe("2026-11-09T23:59:59");
});

test.each(["2026-00-00T00:00:00", "2026-02-31T00:00:00"])(
  "an invoice that is due on %s is rejected alone",
  async (DueDateString) => {
    await using fake = await startFakeXero();
    const { invoices } = fake.organisation(tenants.north);
    invoices.set(invoiceId, keptInvoice());
    const rest = { InvoiceID: "wrong", InvoiceNumber: "INV-0043", DueDateString };
    invoices.set("wrong", keptInvoice(rest));
    const page = await xeroOrganisation(fake.url, fake).changedSince?.("2026-11-01T00:00:00.000Z", null);
    expect(page?.changes).toMatchObject([{ invoice: { number: "INV-0042" } }]);
    expect(page?.rejected).toMatchObject([
      { at: "Invoice INV-0043", reason: expect.stringContaining("DueDateString") },
    ]);
  },
);

test("an expired token is renewed once and the call repeated", async () => {
  await using fake = await startFakeXero({ now: () => now });
  fake.organisation(tenants.north).invoices.set(invoiceId, keptInvoice());
  const bound = xeroOrganisation(fake.url, fake);
  fake.treat("expire");
  expect((await bound.fetch?.({ externalId: invoiceId }))?.changes).toHaveLength(1);
  expect(fake.calls()).toHaveLength(2);
  expect(await bound.test?.()).toBe("Xero answers; the invoice changed last is INV-0042");
});

test("an organisation that took its access back is refused, and may be let in again", async () => {
  await using fake = await startFakeXero();
  fake.organisation(tenants.north).isConnected = false;
  const failure = xeroOrganisation(fake.url, fake).fetch?.({ externalId: invoiceId });
  await expect(failure).rejects.toMatchObject({ status: 403, retryAt: undefined });
});

test.each([
  ["minute", "2026-11-20T10:00:37.000Z"],
  ["day", "2026-11-20T12:00:00.000Z"],
  ["concurrent", "2026-11-20T10:00:01.000Z"],
] as const)("after the limit per %s nothing is asked before %s", async (limit, retryAt) => {
  await using fake = await startFakeXero();
  const bound = xeroOrganisation(fake.url, fake);
  fake.treat(limit);
  const refused = bound.fetch?.({ externalId: invoiceId });
  await expect(refused).rejects.toMatchObject({
    ...{ status: 429, retryAt },
    message: `Acme answered 429: its limit per ${limit} is reached`,
  });
  const second = bound.fetch?.({ externalId: invoiceId });
  await expect(second).rejects.toMatchObject({ outcome: "not_sent", retryAt });
  expect(fake.calls()).toHaveLength(1);
});

test("sixty calls are made in a minute, then the sixty-first waits for the first to be a minute old", async () => {
  await using fake = await startFakeXero();
  let at = now.getTime();
  const http = Object.assign(testHttp(), { now: () => new Date(at) });
  const bound = xeroOrganisation(fake.url, fake, { http });
  for (let call = 0; call < 60; call += 1, at += 500) await bound.fetch?.({ externalId: "none" });
  await expect(bound.fetch?.({ externalId: "none" })).rejects.toMatchObject({
    ...{ outcome: "not_sent", retryAt: "2026-11-20T10:01:00.000Z" },
  });
  at = now.getTime() + 60_000;
  expect(await bound.fetch?.({ externalId: "none" })).toBeNull();
  expect(fake.calls()).toHaveLength(61);
});

test("two calls run at a time, so that others may run beside", async () => {
  await using fake = await startFakeXero();
  const http = testHttp();
  const send = http.request;
  let [busy, most] = [0, 0];
  http.request = async (asked) => {
    most = Math.max(most, (busy += 1));
    return send(asked).finally(() => (busy -= 1));
  };
  const bound = xeroOrganisation(fake.url, fake, { http });
  const numbers = Array.from({ length: 10 }, (_, at) => `INV-${at}`);
  await Promise.all(numbers.map(async (number) => bound.fetch?.({ number })));
  expect([fake.calls().length, most]).toEqual([10, 2]);
});

test("a vendor's fault while reading is no receipt of anything", async () => {
  await using fake = await startFakeXero();
  fake.treat("busy");
  await expect(xeroOrganisation(fake.url, fake).test?.()).rejects.toBeInstanceOf(UpstreamError);
});
