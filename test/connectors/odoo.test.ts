import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import { connectors } from "#server/connectors/index.ts";
import { roundedAmount } from "#server/connectors/kit/rounded-amount.ts";
import { openLedger } from "#test/support/ledger.ts";
import { samplesOf } from "./samples.ts";
import { testHttp } from "./stand-in.ts";

const now = new Date("2026-11-20T08:00:00.000Z");
const webhookSecret = "test-secret-odoo";

function bind(settings: object = {}, secrets: object = {}) {
  const connector = connectors.get("odoo");
  if (!connector) throw new Error("It is not in the list");
  const hidden = { webhookSecret, apiKey: "key-of-portal-bot", ...secrets };
  return connector.bind(settings, hidden, testHttp({ now }));
}

function notice(fields: object, query = `token=${webhookSecret}`) {
  const body = Buffer.from(JSON.stringify({ _model: "account.move", _id: 341, ...fields }));
  return { method: "POST", query, headers: new Headers(), body, receivedAt: now };
}

/** What the add-on would push, read without its signature. */
function pushed(fields: object, about: object = {}, settings: object = {}): Change[] {
  const invoice = {
    ...{ id: 341, number: "INV/2026/00087", moveType: "out_invoice", state: "posted" },
    ...{ paymentState: "not_paid", currency: "EUR", amountTotal: "1150.00" },
    ...{ amountResidual: "1150.00", invoiceDate: "2026-11-02", dueDate: "2026-12-02", ref: null },
    ...{ partner: { id: 44, name: "Müller" }, writeDate: "2026-11-12T08:30:05Z", ...fields },
  };
  const message = { type: "invoice.changed", database: "acme-prod", model: "account.move" };
  const body = Buffer.from(JSON.stringify({ ...message, id: invoice.id, invoice, ...about }));
  const headers = new Headers({ "webhook-signature": "v1,checked-before" });
  return bind(settings).parse({ method: "POST", query: "", headers, body, receivedAt: now }).changes;
}

const snapshot = (fields: object) => {
  const [change] = pushed(fields);
  return change?.kind === "invoice" ? change.invoice : undefined;
};

test.each([
  ["1150.0", "EUR", 115000],
  ["362.07000000000005", "EUR", 36207],
  ["0.125", "EUR", 12],
  ["0.135", "EUR", 14],
  ["1e-05", "EUR", 0],
  ["1.5e+3", "EUR", 150000],
  ["-80.5", "EUR", -8050],
  ["5000.0", "JPY", 5000],
  ["12.5", "JPY", 12],
  ["1.2345", "KWD", 1234],
])("a float of Python's, %s %s, is %i minor units, half to even", (text, currency, amount) => {
  expect(roundedAmount(text, currency, "half-even")).toEqual({ amount, currency });
});

test.each(["", "1,5", "NaN", "inf", "99999999999999999"])("%j is no amount", (text) => {
  expect(() => roundedAmount(text, "EUR", "half-even")).toThrow(RequestError);
});

test("each state is what it stands for, and a cancelled invoice does not look paid", () => {
  const stateOf = (state: string, paymentState: string) =>
    snapshot({ state, paymentState, amountResidual: "0.00" });
  expect(stateOf("draft", "not_paid")?.state).toBe("draft");
  for (const paymentState of ["not_paid", "partial", "in_payment", "paid", "blocked"]) {
    expect(stateOf("posted", paymentState)).toMatchObject({ state: "issued", due: { amount: 0 } });
  }
  expect(stateOf("posted", "invoicing_legacy")?.state).toBe("issued");
  for (const gone of [stateOf("posted", "reversed"), stateOf("cancel", "not_paid")]) {
    expect(gone).toMatchObject({ state: "void", total: { amount: 115000 } });
    expect(gone?.due).toBeUndefined();
  }
});

test("registered payments without a journal entry show: pending, then paid, though all is open there", () => {
  const open = { amountTotal: "1000.00", amountResidual: "1000.00" };
  expect(pushed({ ...open, paymentState: "in_payment" })).toMatchObject([
    { invoice: { due: { amount: 100_000 } } },
    { kind: "payment", stage: "pending", amount: { amount: 100_000 } },
  ]);
  expect(pushed({ ...open, paymentState: "paid" })).toMatchObject([
    { invoice: { state: "issued", due: { amount: 0 } } },
  ]);
  const settled = { amountTotal: "1000.00", amountResidual: "0.00", paymentState: "in_payment" };
  expect(pushed(settled)).toHaveLength(1);
});

test("names of Odoo's own localisations are currencies, with the decimals of the standard", () => {
  const inClf = { amountTotal: "12.3456", amountResidual: "12.3456" };
  for (const currency of ["CLF", "UF"]) {
    expect(snapshot({ ...inClf, currency })?.total).toEqual({ amount: 123_456, currency: "CLF" });
  }
  expect(() => snapshot({ currency: "UTM" })).toThrow("is not an ISO 4217");
});

test("a draft has no number yet, and nobody's bill is ours", () => {
  expect(snapshot({ state: "draft", number: "/" })?.number).toBeUndefined();
  expect(snapshot({ state: "draft", number: false })?.number).toBeUndefined();
  expect(pushed({ moveType: "in_invoice" })).toEqual([]);
  expect(pushed({ moveType: "entry" })).toEqual([]);
});

test("a credit note lowers its invoice by what it has settled, and only once it was posted", () => {
  const [paid] = samplesOf("odoo", now).filter(({ file }) => file.includes("credit-note"));
  expect(paid && bind().parse(paid).changes).toEqual([
    {
      kind: "credit",
      invoice: { externalId: "341" },
      version: 1_794_650_400_000_000,
      toldAt: "2026-11-14T10:00:00.000Z",
      creditId: "352",
      type: "credit_note",
      amount: { amount: 11500, currency: "EUR" },
      reason: "RINV/2026/00009",
      occurredAt: "2026-11-14T10:00:00.000Z",
    },
  ]);
  const note = { moveType: "out_refund", reversedEntry: { id: 341, number: "INV/2026/00087" } };
  expect(pushed({ ...note })).toMatchObject([{ voided: true }]);
  expect(pushed({ ...note, amountResidual: "50.00" })).toMatchObject([
    { amount: { amount: 110000 } },
  ]);
  expect(pushed({ ...note, state: "cancel" })).toMatchObject([{ voided: true }]);
  expect(pushed({ ...note, state: "draft", number: "/" })).toEqual([]);
  expect(pushed({ ...note, reversedEntry: null })).toEqual([]);
});

test("what the customer calls the order is told with where the invoice came from, or not at all", () => {
  expect(snapshot({ ref: "PO-9" })?.references).toBeUndefined();
  expect(snapshot({ ref: "PO-9", origin: "S00042" })?.references).toEqual([
    { kind: "po", value: "PO-9" },
    { kind: "other", value: "S00042" },
  ]);
});

test("a copy of the database for tests is not taken for the original", () => {
  expect(pushed({}, {}, { database: "acme-prod" })).toHaveLength(1);
  expect(() => pushed({}, { database: "acme-staging" }, { database: "acme-prod" })).toThrow(
    "comes from the database acme-staging",
  );
});

test("where one company is meant, the invoices of others are left out", () => {
  const meant = { company: 1 };
  expect(pushed({ company: { id: 1, name: "Acme" } }, {}, meant)).toHaveLength(1);
  expect(pushed({ company: { id: 2, name: "Acme Trade" } }, {}, meant)).toEqual([]);
  expect(pushed({ company: { id: 2, name: "Acme Trade" } })).toHaveLength(1);
  expect(() => pushed({}, {}, meant)).toThrow("does not tell the company");
});

test("a notice is believed only as to which invoice it is about", () => {
  const told = { name: "INV/1", amount_residual: 0.0, state: "cancel", write_date: false };
  expect(bind().parse(notice(told)).changes).toEqual([{ kind: "fetch", invoice: { externalId: "341" } }]);
  expect(bind().parse(notice({ write_date: "2026-11-10 15:02:11.104233" })).changes).toEqual([
    { kind: "fetch", invoice: { externalId: "341" }, version: 1_794_322_931_000_000 },
  ]);
  expect(bind().parse(notice({ _model: "res.partner" })).changes).toEqual([]);
  expect(bind().dedupeKey(notice({}))).toBeNull();
  expect(bind().dedupeKey(notice({ write_date: "2026-11-10 15:02:11.1" }))).toBe(
    "odoo:341:2026-11-10 15:02:11.1",
  );
});

test("the token of the address opens nothing but notices", () => {
  const both = bind({}, { urlToken: ["token-of-the-address", "the-former-token"] });
  expect(() => both.verify(notice({}, "token=token-of-the-address"))).not.toThrow();
  expect(() => both.verify(notice({}, "a=b&token=the-former-token"))).not.toThrow();
  for (const query of ["", "token=", "token=token-of-the-addres", `token=${webhookSecret}`]) {
    expect(() => both.verify(notice({}, query))).toThrow(RequestError);
  }
  const [signed] = samplesOf("odoo", now);
  if (!signed) throw new Error("There is no sample");
  const forged = new Headers([...signed.headers]);
  forged.delete("webhook-signature");
  const unsigned = { ...signed, headers: forged, query: "token=token-of-the-address" };
  expect(() => both.verify(unsigned)).not.toThrow();
  expect(() => both.parse(unsigned)).toThrow(RequestError);
  expect(() => bind({}, { webhookSecret: undefined })).toThrow("either webhookSecret or urlToken");
  expect(() => bind({ api: "json-rpc", database: "acme" })).toThrow("needs database and login");
});

test("its pushes in any order lead to the same invoice", async () => {
  const states = [
    {},
    { paymentState: "partial", amountResidual: "650.00", writeDate: "2026-11-13T08:00:00Z" },
    { paymentState: "paid", amountResidual: "0.00", writeDate: "2026-11-14T08:00:00Z" },
  ].map((fields) => pushed({ ...fields, partner: { id: 44, name: "Müller" } }));
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    await using ledger = await openLedger();
    for (const at of order) await ledger.says("erp", states[at] ?? []);
    const invoice = await ledger.context.db
      .selectFrom("invoices")
      .selectAll()
      .executeTakeFirstOrThrow();
    expect(invoice).toMatchObject({
      number: "INV/2026/00087",
      total: 115000,
      paid: 0,
      due: 0,
    });
  }
});

const noteOf = (id: number, amountTotal: string, fields: object) =>
  pushed({
    ...{ id, number: `RINV/${id}`, moveType: "out_refund", amountTotal, invoiceDate: "2026-11-12" },
    ...{ reversedEntry: { id: 341 }, paymentState: "paid", amountResidual: "0.00", ...fields },
  });
const at = (minute: number) => ({ writeDate: `2026-11-12T09:${minute}:00Z` });
const invoiceAt = (minute: number, amountResidual: string, paymentState = "partial") =>
  pushed({ amountResidual, paymentState, ...at(minute) });

/** The sums that these leave, and what was adjusted and settled otherwise. */
async function told(...deliveries: Change[][]) {
  await using ledger = await openLedger();
  for (const changes of [pushed({}), ...deliveries]) await ledger.says("erp", changes);
  const number = "INV/2026/00087";
  const view = (await ledger.view(number))?.view;
  const amounts = (await ledger.events(number)).flatMap(({ type, data }) =>
    type === "invoice.adjusted" || type === "invoice.settled"
      ? [`${type.slice(8)} ${"amount" in data ? data.amount : ""}`]
      : [],
  );
  return { state: view?.state, credited: view?.credited, due: view?.due, amounts };
}

test("a credit note whose match is undone counts no more", async () => {
  const note = noteOf(352, "150.00", at(10));
  const undone = noteOf(352, "150.00", { amountResidual: "150.00", paymentState: "not_paid", ...at(20) });
  const open = { state: "issued", credited: 0, due: 115_000, amounts: ["adjusted 15000", "adjusted -15000"] };
  const parts = [note, invoiceAt(10, "1000.00")];
  expect(await told(...parts, undone, invoiceAt(20, "1150.00", "not_paid"))).toEqual(open);
  const reversal = noteOf(352, "1150.00", at(10));
  const whole = noteOf(352, "1150.00", { amountResidual: "1150.00", paymentState: "not_paid", ...at(20) });
  expect(
    await told(reversal, invoiceAt(10, "0.00", "reversed"), whole, invoiceAt(20, "1150.00", "not_paid")),
  ).toEqual({ ...open, amounts: ["adjusted 115000", "adjusted -115000"] });
});

test("a credit note after a part payment is told once, as a credit", async () => {
  const before = [noteOf(352, "150.00", at(10)), invoiceAt(10, "1000.00"), invoiceAt(20, "400.00")];
  const after = [noteOf(353, "100.00", at(30)), invoiceAt(30, "300.00")];
  expect(await told(...before, ...after)).toEqual({
    ...{ state: "issued", credited: 25_000, due: 30_000 },
    amounts: ["adjusted 15000", "settled 60000", "adjusted 10000"],
  });
  expect(await told(...before, ...after.toReversed())).toMatchObject({ credited: 25_000, due: 30_000 });
});
