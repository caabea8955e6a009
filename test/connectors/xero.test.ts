import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";
import { invoiceId, keptInvoice, keptPayment, keptShare } from "./fake-xero-invoices.ts";
import { startFakeXero, tenants } from "./fake-xero.ts";
import { samplesOf } from "./samples.ts";
import { type Reply, startStandIn } from "./stand-in.ts";
import { xeroApp, xeroOrganisation } from "./xero-organisation.ts";

const now = new Date("2026-11-20T10:00:00.000Z");
const answerIn = (file: string): Reply => {
  const path = join(import.meta.dirname, "xero", "answers", `${file}.json`);
  return { status: 200, body: readFileSync(path, "utf8") };
};

test("what notifications name is to be read, each once, by its organisation", () => {
  const read = samplesOf("xero", now).map((sample) =>
    xeroApp()
      .parse(sample)
      .changes.map(({ invoice: { account, externalId } }) => [account?.slice(0, 4), externalId]),
  );
  expect(read).toEqual([
    [["c2cc", invoiceId]],
    [
      ["c2cc", invoiceId],
      ["c2cc", "7ef31b20-de17-4312-8382-412f869b1510"],
      ["c2cc", "credit-note:55d84274-a3da-4829-a7c0-0cab601b95cc"],
    ],
    [
      ["c2cc", invoiceId],
      ["7078", "9c1f3f0e-6a52-4f0b-9a3c-0f8f8f0f2d11"],
    ],
    [["c2cc", "7ef31b20-de17-4312-8382-412f869b1510"]],
    [["c2cc", "credit-note:55d84274-a3da-4829-a7c0-0cab601b95cc"]],
  ]);
});

test("a retry has the key of the first try though its entropy is drawn anew", () => {
  const [sample] = samplesOf("xero", now);
  if (!sample) throw new Error("There is no sample");
  const again = sample.body.toString().replace("FXNGWLCCGVANWHKILRUB", "ANOTHERENTROPY");
  const key = xeroApp().dedupeKey(sample);
  expect(xeroApp().dedupeKey({ ...sample, body: Buffer.from(again) })).toBe(key);
  const later = again.replace("21:31:25.179", "21:31:25.180");
  expect(xeroApp().dedupeKey({ ...sample, body: Buffer.from(later) })).not.toBe(key);
  // Times may be whole seconds: a second change in one is known by its number.
  const next = again.replaceAll(":76", ":77");
  expect(xeroApp().dedupeKey({ ...sample, body: Buffer.from(next) })).not.toBe(key);
  const odd = { ...sample, body: Buffer.from('{"events":"none"}') };
  expect(xeroApp().isPing(odd)).toBe(false);
  expect(xeroApp().dedupeKey(odd)).toHaveLength(64);
  expect(() => xeroApp().parse(odd)).toThrow(expect.objectContaining({ status: 422 }));
});

test("a part-paid invoice is read with its day, its decimals and its payment", async () => {
  await using system = await startStandIn(() => answerIn("partially-paid"));
  const changes = (await xeroOrganisation(system.url).fetch?.({ externalId: invoiceId }))?.changes;
  for (const change of changes ?? []) Change.parse(change);
  expect(changes).toEqual([
    {
      kind: "invoice",
      invoice: {
        ...{ externalId: invoiceId, number: "INV-0042", version: "2026-11-10T14:22:31.904Z" },
        readAt: expect.any(String),
        customer: {
          externalId: "430fa14a-f945-44d3-9f97-5df5e28441b8",
          ...{ name: "Liam Gallagher Ltd", email: "ap@liam.example" },
        },
        ...{ state: "issued", currency: "GBP", issuedOn: "2026-11-02", dueOn: "2026-12-02" },
        total: { amount: 238000, currency: "GBP" },
        paid: { amount: 100000, currency: "GBP" },
        credited: { amount: 0, currency: "GBP" },
        due: { amount: 138000, currency: "GBP" },
        paymentIds: ["99ea7f6b-c513-4066-bc27-b7c65dcd76c2"],
        creditIds: [],
        references: [{ kind: "po", value: "PO 7781" }],
        lines: [
          {
            ...{ id: "5f7a612b-fdcc-4d33-90fa-a9f6bc6db32f", description: "Consulting October" },
            ...{ quantity: "18.0304", unitPrice: "110", net: 198334, tax: 39666, total: 238000 },
          },
        ],
      },
    },
    {
      ...{ kind: "payment", invoice: { externalId: invoiceId } },
      ...{ version: "2026-11-10T14:22:31.904Z", occurredAt: "2026-11-10", stage: "received" },
      readAt: expect.any(String),
      paymentId: "99ea7f6b-c513-4066-bc27-b7c65dcd76c2",
      amount: { amount: 100000, currency: "GBP" },
      reference: "BACS 778",
    },
  ]);
  expect(system.asked[0]?.headers).toMatchObject({
    ...{ authorization: "Bearer access-1", "xero-tenant-id": tenants.north },
    accept: "application/json",
  });
});

test("of a voided invoice the status counts, and its lines say what it was about", async () => {
  await using system = await startStandIn(() => answerIn("voided"));
  const [change] = (await xeroOrganisation(system.url).fetch?.({ externalId: "7ef31b20" }))?.changes ?? [];
  expect(change).toBeUndefined(); // another invoice than was asked for
  const id = "7ef31b20-de17-4312-8382-412f869b1510";
  const [voided] = (await xeroOrganisation(system.url).fetch?.({ externalId: id }))?.changes ?? [];
  expect(voided).toMatchObject({ invoice: { state: "void", total: { amount: 238000 } } });
  expect(voided).toMatchObject({ invoice: { paid: { amount: 0 }, credited: { amount: 0 } } });
  expect(voided).not.toHaveProperty("invoice.due");
});

async function readOne(rest: object, settings = {}) {
  const fake = await startFakeXero({ now: () => now });
  const north = fake.organisation(tenants.north);
  north.invoices.set(invoiceId, keptInvoice(rest));
  north.creditNotes.set("cn-1", {
    ...{ CreditNoteID: "cn-1", Type: "ACCRECCREDIT" },
    LineItems: [{ AccountCode: "625", LineAmount: 2380 }],
  });
  const bound = xeroOrganisation(fake.url, fake, { settings });
  const changes = (await bound.fetch?.({ externalId: invoiceId }))?.changes;
  await fake[Symbol.asyncDispose]();
  expect(fake.faults).toEqual([]);
  for (const change of changes ?? []) Change.parse(change);
  return changes ?? null;
}

test("prepayments and overpayments are payments, credit notes are credits", async () => {
  const changes = await readOne({
    ...{ AmountPaid: 500.1, AmountCredited: 1200.2, AmountDue: 679.7 },
    Payments: [keptPayment("p-1", 500.1), { ...keptPayment("p-0", 80), Status: "DELETED" }],
    Prepayments: [keptShare({ PrepaymentID: "pre-1" }, 600)],
    Overpayments: [
      keptShare({ OverpaymentID: "over-1" }, 300.2),
      keptShare({ OverpaymentID: "over-1" }, 100),
    ],
    CreditNotes: [keptShare({ CreditNoteID: "cn-1", CreditNoteNumber: "CN-0007" }, 200)],
  });
  expect(changes).toMatchObject([
    {
      invoice: {
        ...{ paid: { amount: 150030 }, credited: { amount: 20000 }, due: { amount: 67970 } },
        ...{ paymentIds: ["p-1", "pre-1", "over-1"], creditIds: ["cn-1"] },
      },
    },
    { kind: "payment", paymentId: "p-1", amount: { amount: 50010 }, occurredAt: "2026-11-10" },
    { kind: "payment", paymentId: "pre-1", amount: { amount: 60000 }, method: "prepayment" },
    { kind: "payment", paymentId: "over-1", amount: { amount: 40020 }, method: "overpayment" },
    { kind: "credit", creditId: "cn-1", type: "credit_note", reason: "CN-0007" },
  ]);
});

test("a customer who was renamed is told anew though the invoice did not change", async () => {
  const renamed = { Name: "Gallagher & Sons Ltd", UpdatedDateUTC: "/Date(1794407000000+0000)/" };
  const [before] = (await readOne({})) ?? [];
  const [after] = (await readOne({ Contact: renamed })) ?? [];
  expect(before).toMatchObject({ invoice: { version: "2026-11-10T14:22:31.904Z" } });
  expect(after).toMatchObject({ invoice: { version: "2026-11-11T14:23:20.000Z" } });
});

test("a list that does not add up to its sum is not taken for complete", async () => {
  const [change] = (await readOne({ AmountPaid: 500, AmountDue: 1880, Payments: undefined })) ?? [];
  expect(change).toMatchObject({ invoice: { paid: { amount: 50000 }, creditIds: [] } });
  expect(change).not.toHaveProperty("invoice.paymentIds");
});

test("currencies without decimals, taxes inside the lines, and what CIS holds back", async () => {
  const yen = { CurrencyCode: "JPY", Total: 23800, AmountDue: 23800, LineItems: [] };
  expect((await readOne(yen))?.[0]).toMatchObject({ invoice: { total: { amount: 23800 } } });
  const line = { Description: "Work", LineAmount: 120, TaxAmount: 20 };
  const inclusive = await readOne({ LineAmountTypes: "Inclusive", LineItems: [line] });
  expect(inclusive?.[0]).toMatchObject({
    invoice: { lines: [{ net: 10000, tax: 2000, total: 12000 }] },
  });
  const cis = await readOne({ CISDeduction: 380, AmountDue: 2000 });
  expect(cis).toMatchObject([
    { invoice: { credited: { amount: 38000 }, due: { amount: 200000 }, creditIds: ["cis"] } },
    { kind: "credit", creditId: "cis", type: "correction", reason: "CIS deduction" },
  ]);
});

test.each([
  [{ Status: "DRAFT" }, "draft"],
  [{ Status: "SUBMITTED" }, "draft"],
  [{ Status: "DELETED", SentToContact: false }, "void"],
  [{ Status: "DELETED", SentToContact: true }, "void"],
  [{ Status: "PAID", AmountPaid: 2380, AmountDue: 0 }, "issued"],
])("%o is %s", async (rest, state) => {
  expect((await readOne(rest))?.[0]).toMatchObject({ invoice: { state } });
});

test("written off is what a credit note against the account that was named settled", async () => {
  const settled = {
    ...{ Status: "PAID", AmountDue: 0, AmountCredited: 2380 },
    CreditNotes: [keptShare({ CreditNoteID: "cn-1", CreditNoteNumber: "CN-1" }, 2380)],
  };
  expect((await readOne(settled))?.[0]).toMatchObject({ invoice: { state: "issued" } });
  const named = await readOne(settled, { writeOffAccount: "625" });
  expect(named?.[0]).toMatchObject({ invoice: { state: "written_off" } });
  const other = await readOne(settled, { writeOffAccount: "700" });
  expect(other?.[0]).toMatchObject({ invoice: { state: "issued" } });
});

test("yen with a fraction are rounded, say so, and stay settled when they were", async () => {
  const yen = { CurrencyCode: "JPY", LineItems: [{ LineAmount: 999.5, TaxAmount: 0.5 }] };
  expect((await readOne({ ...yen, Total: 1105.5, AmountDue: 1105.5 }))?.[0]).toMatchObject({
    invoice: {
      ...{ total: { amount: 1106 }, paid: { amount: 0 }, credited: { amount: 0 } },
      ...{ due: { amount: 1106 }, lines: [{ net: 1000, tax: 1 }] },
      description: "Rounded: Xero calculates two decimals, JPY has fewer.",
    },
  });
  const halves = [keptPayment("p-1", 500.25), keptPayment("p-2", 605.25)];
  const paid = { ...yen, Status: "PAID", Total: 1105.5, AmountPaid: 1105.5, AmountDue: 0 };
  expect(await readOne({ ...paid, Payments: halves })).toMatchObject([
    {
      invoice: {
        ...{ total: { amount: 1106 }, paid: { amount: 1106 }, credited: { amount: 0 } },
        ...{ due: { amount: 0 }, paymentIds: ["p-1", "p-2"] },
      },
    },
    { amount: { amount: 500 } },
    { amount: { amount: 606 } },
  ]);
  const part = { ...yen, Total: 1105.5, AmountPaid: 500.25, AmountDue: 605.25 };
  expect((await readOne({ ...part, Payments: halves.slice(0, 1) }))?.[0]).toMatchObject({
    invoice: { total: { amount: 1106 }, paid: { amount: 500 }, due: { amount: 606 } },
  });
});

test("a payment that was removed before the invoice was voided is not announced anew", async () => {
  await using ledger = await openLedger();
  const before = { AmountDue: 1980, AmountPaid: 400, Payments: [keptPayment("p-80", 400)] };
  await ledger.says("xero", (await readOne(before)) ?? [], "accounting");
  const voided = { Status: "VOIDED", AmountDue: 0, AmountPaid: 0, Payments: [] };
  const later = { updatedMs: Date.parse("2026-11-11T00:00:00Z") };
  const { events } = await ledger.says("xero", (await readOne({ ...voided, ...later })) ?? [], "accounting");
  expect(events.map(({ type }) => type)).toEqual(["payment.reversed", "invoice.voided"]);
  const view = (await ledger.view("INV-0042"))?.view;
  expect(view).toMatchObject({ state: "void", paid: 0, inferred: 0 });
});

test("a payment that vanished was taken back, in any order of arrival", async () => {
  const told = await Promise.all([
    readOne({ updatedMs: Date.parse("2026-11-09T08:00:00.000Z") }),
    readOne({
      ...{ AmountPaid: 1000, AmountDue: 1380, Payments: [keptPayment("p-1", 1000)] },
      updatedMs: Date.parse("2026-11-10T08:00:00.000Z"),
    }),
    readOne({ updatedMs: Date.parse("2026-11-11T08:00:00.000Z") }),
  ]);
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    await using ledger = await openLedger();
    for (const at of order) await ledger.says("xero", told[at] ?? [], "accounting");
    expect((await ledger.view("INV-0042"))?.view, order.join()).toMatchObject({
      ...{ paid: 0, due: 238000, inferred: 0 },
      payments: [{ id: "p-1", stage: "reversed" }],
    });
  }
});

test("the app names its addresses and the organisations that a grant reaches, and no practice", async () => {
  await using fake = await startFakeXero();
  const bound = xeroApp(fake.url);
  const token = fake.identity.grant();
  expect(await bound.app?.organisations({ token, callback: new URLSearchParams() })).toEqual([
    { account: tenants.north, name: "Northwind north" },
    { account: tenants.south, name: "Northwind south" },
  ]);
  expect(xeroApp().app?.oauth).toMatchObject({
    authorizeUrl: "https://login.xero.com/identity/connect/authorize",
    tokenUrl: "https://identity.xero.com/connect/token",
    scopes: expect.arrayContaining(["offline_access", "accounting.invoices"]),
  });
});
