import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { connectors } from "#server/connectors/index.ts";
import { fromStripe, unitPrice } from "#server/connectors/stripe/amounts.ts";
import { openLedger } from "#test/support/ledger.ts";
import { commentAdded, disputeOpened, promiseMade } from "./requests.ts";
import { samplesOf } from "./samples.ts";
import { type Asked, type Reply, startStandIn, testHttp } from "./stand-in.ts";

const receivedAt = new Date("2026-11-20T10:00:00.000Z");

function bind(settings: object = {}, secrets: object = { apiKey: "rk_test_1" }) {
  const connector = connectors.get("stripe");
  if (!connector) throw new Error("It is not in the list");
  return connector.bind(settings, { webhookSecret: "test-secret-stripe", ...secrets }, testHttp());
}

const Loose = z.record(z.string(), z.unknown());
const sample = (name: string) =>
  Loose.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, "stripe", `${name}.json`), "utf8")),
  );
const Data = z.object({ data: z.object({ object: Loose }) });
const objectIn = (name: string) => Data.parse(sample(name)).data.object;
const finalized = objectIn("01-invoice-finalized");

function parse(
  type: string,
  object: object,
  more: object = {},
  settings: object = {},
  created = 1_793_613_912,
) {
  const event = {
    ...{ id: "evt_1", object: "event", type, created, livemode: false },
    ...{ data: { object, ...more } },
  };
  const body = Buffer.from(JSON.stringify(event));
  return bind(settings).parse({ method: "POST", query: "", headers: new Headers(), body, receivedAt }).changes;
}

const snapshot = (fields: object, type = "invoice.updated", settings = {}) => {
  const [change] = parse(type, { ...finalized, ...fields }, {}, settings);
  return change?.kind === "invoice" ? change.invoice : undefined;
};

test.each([
  ["as Stripe sends it", '{\n  "id": "evt_1",\n  "object": "event"\n}', "evt_1"],
  ["in one line", '{"id":"evt_1","object":"event"}', "evt_1"],
  ["behind other fields", '{"object":"event","data":{"object":{"id":"in_9"}},"id":"evt_1"}', "evt_1"],
  ["of another kind", '{"id":"ev\\u0074_1","object":"event"}', "evt_1"],
])("an event's id is its key, %s", (_how, text, key) => {
  const body = Buffer.from(text);
  const delivery = { method: "POST", query: "", headers: new Headers(), body, receivedAt };
  expect(bind().dedupeKey(delivery)).toBe(key);
});

test.each(["", "[]", '{"id":7}', '{"object":"event"}', '{"id":"evt_1'])(
  "a body without an id is refused: %j",
  (text) => {
    const body = Buffer.from(text);
    const delivery = { method: "POST", query: "", headers: new Headers(), body, receivedAt };
    expect(() => bind().dedupeKey(delivery)).toThrow();
  },
);

test("amounts follow Stripe's currencies, not ISO's, where they differ", () => {
  expect(fromStripe(238000, "eur")).toEqual({ amount: 238000, currency: "EUR" });
  expect(fromStripe(5000, "jpy")).toEqual({ amount: 5000, currency: "JPY" });
  expect(fromStripe(1234, "kwd")).toEqual({ amount: 1234, currency: "KWD" });
  expect(fromStripe(500000, "isk")).toEqual({ amount: 5000, currency: "ISK" });
  expect(fromStripe(700, "ugx")).toEqual({ amount: 7, currency: "UGX" });
  expect(fromStripe(12, "mga")).toEqual({ amount: 1200, currency: "MGA" });
  expect(() => fromStripe(150, "isk")).toThrow("no whole amount in ISK");
  for (const code of ["usdc", "xau", "xxx", "zzz", ""]) {
    expect(() => fromStripe(100, code)).toThrow("no currency of ISO 4217");
  }
});

test("a line with a fraction that its currency has not never costs an invoice its sums", () => {
  const line = { id: "il_1", amount: 10_050, quantity: 1 };
  const isk = { currency: "isk", total: 20_000, amount_remaining: 20_000 };
  expect(
    snapshot({ ...isk, lines: { data: [line, { ...line, amount: -10_050 }], has_more: false } }),
  ).toMatchObject({ total: { amount: 200 }, lines: [{ total: 101 }, { total: -101 }] });
});

test("paid is believed though an older API still shows what was paid elsewhere as open", () => {
  const old = { status: "paid", amount_paid: 0, amount_remaining: 238_000 };
  for (const type of ["invoice.paid", "invoice.updated"]) {
    expect(snapshot({ ...old, paid: true, paid_out_of_band: true }, type)).toMatchObject({
      ...{ total: { amount: 238_000 }, paid: { amount: 238_000 }, due: { amount: 0 } },
    });
  }
});

test("a negative amount of a payment, refund or credit note is refused", () => {
  const note = { ...objectIn("05-credit-note-created"), amount: -5 };
  expect(() => parse("credit_note.created", note)).toThrow("amount: is negative");
  expect(() => parse("invoice_payment.paid", paymentOf("inpay_9", -5))).toThrow("is negative");
});

test.each([
  ["238000", "eur", "2380.00"],
  ["0.5", "eur", "0.005"],
  ["12", "jpy", "12"],
  ["1234.5", "kwd", "1.2345"],
  ["500000", "isk", "5000"],
  ["12", "mga", "12.00"],
  ["-7", "usd", "-0.07"],
  ["1e3", "eur", undefined],
  [null, "eur", undefined],
])("a unit price of %s %s is shown as %s", (text, currency, shown) => {
  expect(unitPrice(text, currency)).toBe(shown);
});

test("each status is the state that it stands for", () => {
  const stateOf = (status: string) => snapshot({ status })?.state;
  expect(["draft", "open", "paid", "uncollectible", "void", "new"].map(stateOf)).toEqual([
    ...["draft", "issued", "issued", "written_off", "void", undefined],
  ]);
  expect(snapshot({}, "invoice.overdue")?.overdue).toBe(true);
  expect(snapshot({ status: "void" })).not.toHaveProperty("due");
});

test("credit notes and the customer's balance lower what is due", () => {
  expect(snapshot({ amount_remaining: 214200 })).toMatchObject({
    total: { amount: 238000 },
    paid: { amount: 0 },
    due: { amount: 214200 },
  });
});

test("what credit notes gave back is not paid any more; without their sums only a payment tells it", () => {
  const paid = { status: "paid", amount_paid: 238000, amount_remaining: 0 };
  const eur = (amount: number) => ({ amount, currency: "EUR" });
  const after = { post_payment_credit_notes_amount: 8000 };
  expect(snapshot({ ...paid, ...after })).toMatchObject({ paid: eur(230000), credited: eur(8000), due: eur(0) });
  const older = { ...paid, post_payment_credit_notes_amount: undefined };
  expect(snapshot(older, "invoice.paid")?.paid).toEqual(eur(238000));
  expect(snapshot(older)?.due).toEqual(eur(0));
  expect(snapshot(older)).not.toHaveProperty("paid");
  expect(snapshot({ ...older, amount_paid: 0 })?.paid).toEqual(eur(0));
  const [told] = parse("invoice.updated", { ...finalized, ...older }, { previous_attributes: { status: "open", amount_paid: 0 } });
  expect(told).toMatchObject({ invoice: { paid: eur(238000) } });
});

test("days are those of the account's zone, and metadata links to the ERP", () => {
  const late = { due_date: Date.parse("2026-12-01T23:30:00Z") / 1000 };
  expect(snapshot(late)?.dueOn).toBe("2026-12-01");
  const settings = { timeZone: "Europe/Berlin", sameAsKey: "erp_ref" };
  expect(snapshot(late, "invoice.updated", settings)).toMatchObject({
    dueOn: "2026-12-02",
    sameAs: { externalId: "SO-88123" },
  });
});

test("a line with taxes shows net, tax and total; a cut list is fetched instead", () => {
  const line = { id: "il_1", description: null, amount: 10000, quantity: 2.5 };
  const lines = (taxes: object[]) => ({ lines: { data: [{ ...line, taxes }], has_more: false } });
  expect(snapshot(lines([{ amount: 1900, tax_behavior: "exclusive" }]))?.lines).toEqual([
    { id: "il_1", description: "", quantity: "2.5", net: 10000, tax: 1900, total: 11900 },
  ]);
  expect(snapshot(lines([{ amount: 1597, tax_behavior: "inclusive" }]))?.lines).toMatchObject([
    { net: 8403, tax: 1597, total: 10000 },
  ]);
  const cut = parse("invoice.finalized", { ...finalized, lines: { data: [line], has_more: true } });
  expect(cut).toMatchObject([{ invoice: { lines: undefined } }, { kind: "fetch" }]);
});

test("a failed try is a failed payment, known by its count", () => {
  const [, failed] = parse("invoice.payment_failed", { ...finalized, attempt_count: 2 });
  expect(failed).toMatchObject({
    ...{ kind: "payment", stage: "failed", amount: { amount: 238000 } },
    paymentId: "in_1SOaB2B7WZ01zgkWq1Acme01:attempt-2",
  });
});

test("a credit note counts, before payment and after, with how it was given back", () => {
  const note = objectIn("05-credit-note-created");
  const mixed = { ...note, type: "mixed", pre_payment_amount: 3800, post_payment_amount: 20000 };
  expect(parse("credit_note.created", mixed)).toMatchObject([
    { kind: "credit", amount: { amount: 23800 } },
    { kind: "payment", stage: "refunded", amount: { amount: 20000 }, method: "customer balance" },
  ]);
  const refunded = { ...mixed, refunds: [{ refund: "re_1", amount_refunded: 20000 }] };
  expect(parse("credit_note.created", refunded)).toMatchObject([
    { kind: "credit", amount: { amount: 23800 } },
    { kind: "payment", paymentId: "re_1", stage: "refunded", amount: { amount: 20000 }, method: "stripe" },
  ]);
  const older = {
    ...{ ...note, type: "post_payment" },
    ...{ pre_payment_amount: undefined, post_payment_amount: undefined },
  };
  expect(parse("credit_note.created", { ...older, out_of_band_amount: 23800 })).toMatchObject([
    { kind: "credit", amount: { amount: 23800 } },
    { kind: "payment", method: "outside Stripe", amount: { amount: 23800 } },
  ]);
  expect(parse("credit_note.created", { ...older, refund: "re_1" })).toMatchObject([
    { kind: "credit", amount: { amount: 23800 } },
    { kind: "payment", paymentId: "re_1", amount: { amount: 23800 } },
  ]);
  expect(parse("credit_note.created", { ...note, pre_payment_amount: 0 })).toEqual([]);
  const voided = { ...note, status: "void", voided_at: 1_793_700_400 };
  expect(parse("credit_note.voided", voided)).toMatchObject([
    { voided: true, version: "2026-11-03T10:06:40.000Z", occurredAt: "2026-11-03T10:05:12.000Z" },
  ]);
});

test("refunds and chargebacks lead to the invoice that was paid", () => {
  const common = {
    amount: 100,
    currency: "eur",
    created: 1,
    status: "succeeded",
    reason: "duplicate",
  };
  const fetches = [
    parse("refund.updated", { object: "refund", id: "re_1", ...common }),
    parse("charge.dispute.created", { object: "dispute", id: "dp_1", ...common }),
    parse("charge.refunded", { object: "charge", id: "ch_1", invoice: "in_1" }),
  ];
  expect(fetches).toMatchObject(
    ["re_1", "dp_1", "in_1"].map((externalId) => [{ kind: "fetch", invoice: { externalId } }]),
  );
});

test("what we wrote ourselves says nothing when it comes back; anything else does", () => {
  const echo = (before: object) =>
    parse("invoice.updated", finalized, { previous_attributes: before });
  expect(echo({ metadata: { portal_dispute_status: null } })).toEqual([]);
  expect(echo({ metadata: { portal_dispute_status: "open" }, auto_advance: true })).toEqual([]);
  expect(echo({ metadata: { portal_dispute_status: null, erp_ref: "x" } })).toHaveLength(1);
  expect(echo({ metadata: { portal_dispute_status: null }, amount_paid: 0 })).toHaveLength(1);
});

test("drafts that were deleted, thin notifications, other objects and other accounts say nothing", () => {
  expect(parse("invoice.deleted", finalized)).toMatchObject([
    { invoice: { state: "void", isGone: true } },
  ]);
  expect(parse("customer.updated", { object: "customer", id: "cus_1" })).toEqual([]);
  const body = Buffer.from('{"id":"evt_2","object":"v2.core.event","type":"v1.billing.meter"}');
  expect(bind().parse({ method: "POST", query: "", headers: new Headers(), body, receivedAt }).changes).toEqual([]);
});

test("an event of the other mode is refused, by setting or by key", () => {
  const [first] = samplesOf("stripe");
  if (!first) throw new Error("There is no sample");
  bind().verify(first);
  bind({}, {}).verify(first);
  const otherMode = expect.objectContaining({ status: 400 });
  expect(() => bind({}, { apiKey: "rk_live_1" }).verify(first)).toThrow(otherMode);
  expect(() => bind({ mode: "live" }).verify(first)).toThrow(otherMode);
});

test("its events in any order lead to the same paid invoice, with the payment named once", async () => {
  const samples = samplesOf("stripe").slice(0, 4);
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
    [0, 3, 1, 2],
  ]) {
    await using ledger = await openLedger();
    ledger.setTime("2026-12-02T00:00:00.000Z");
    for (const at of order) {
      const one = samples[at];
      if (one) await ledger.says("stripe", bind().parse(one).changes, "payments");
    }
    // What arrives before its invoice is known would be fetched; here it is told again.
    if (samples[1]) await ledger.says("stripe", bind().parse(samples[1]).changes, "payments");
    const view = (await ledger.view("NWT-2026-0117"))?.view;
    expect(view, order.join()).toMatchObject({ total: 238000, paid: 238000, credited: 0, due: 0 });
    expect(view?.payments.map(({ amount, stage }) => [amount, stage])).toEqual([
      [100000, "received"],
    ]);
  }
});

test("a credit note that was refunded is told by itself, without anything being read", async () => {
  await using ledger = await openLedger();
  ledger.setTime("2026-12-02T00:00:00.000Z");
  const paid = { ...finalized, status: "paid", amount_paid: 238_000, amount_remaining: 0 };
  await ledger.says("stripe", parse("invoice.paid", paid), "payments");
  const note = {
    ...{ ...objectIn("05-credit-note-created"), type: "post_payment", amount: 8000 },
    ...{ created: 1_793_613_950, pre_payment_amount: 0, post_payment_amount: 8000 },
    refunds: [{ refund: "re_1", amount_refunded: 8000 }],
  };
  await ledger.says("stripe", parse("credit_note.created", note), "payments");
  const told = { total: 238_000, paid: 230_000, credited: 8000, due: 0 };
  expect((await ledger.view("NWT-2026-0117"))?.view).toMatchObject(told);
  const updated = { ...paid, post_payment_credit_notes_amount: 8000 };
  await ledger.says("stripe", parse("invoice.updated", updated, {}, {}, 1_793_613_950), "payments");
  expect((await ledger.view("NWT-2026-0117"))?.view).toMatchObject(told);
  const types = (await ledger.events("NWT-2026-0117")).map(({ type }) => type);
  expect(types.toSorted()).toEqual([
    ...["invoice.adjusted", "invoice.issued", "payment.received", "payment.refunded"],
  ]);
});

test("a refund that fails after it succeeded leaves what was paid, and nobody paid again", async () => {
  await using ledger = await openLedger();
  let status = "succeeded";
  let readAt = "Fri, 20 Nov 2026 09:00:00 GMT";
  await using system = await startStandIn((asked) => {
    const answer = answerAsStripe(asked);
    if (asked.path.startsWith("/v1/credit_notes")) return list([]);
    if (asked.path.startsWith("/v1/refunds")) {
      const told = { ...refund, status };
      return asked.path.includes("re_1") ? { status: 200, body: told } : list([told]);
    }
    return { ...answer, headers: { date: readAt } };
  });
  const read = async () =>
    ledger.says("stripe", (await bind({ apiUrl: system.url }).fetch?.({ externalId: "re_1" }))?.changes ?? [], "payments");
  const given = await read();
  const stillPaid = { paid: 238_000, credited: 0, due: 0, inferred: 0 };
  expect((await ledger.view("NWT-2026-0117"))?.view).toMatchObject(stillPaid);
  expect(given.events.map(({ type }) => type)).toEqual([
    ...["invoice.issued", "payment.received", "payment.refunded"],
  ]);
  status = "failed";
  readAt = "Fri, 20 Nov 2026 09:30:00 GMT";
  const { events } = await read();
  expect((await ledger.view("NWT-2026-0117"))?.view).toMatchObject(stillPaid);
  expect(events.map(({ type }) => type)).toEqual(["payment.refund_failed"]);
});

test("a credit to the customer's balance lowers nothing that is due, and is seen", async () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [0, 2, 1],
  ]) {
    await using ledger = await openLedger();
    const paid = { ...finalized, status: "paid", amount_paid: 238_000, amount_remaining: 0 };
    const note = { ...objectIn("05-credit-note-created"), type: "post_payment", amount: 3000 };
    const at = (created: number) => ({ created });
    const tellings = [
      parse("invoice.paid", paid),
      parse("credit_note.created", { ...note, ...at(1_793_613_950), pre_payment_amount: 0, post_payment_amount: 3000, effective_at: null }),
      parse("invoice.updated", { ...paid, post_payment_credit_notes_amount: 3000 }, {}, {}, 1_793_613_950),
    ];
    for (const index of order) await ledger.says("stripe", tellings[index] ?? [], "payments");
    if (order[0] !== 0) await ledger.says("stripe", tellings[1] ?? [], "payments");
    expect((await ledger.view("NWT-2026-0117"))?.view, order.join()).toMatchObject({
      ...{ paid: 235_000, credited: 3000, due: 0 },
    });
  }
});

const list = (data: unknown[]) => ({
  status: 200,
  body: { object: "list", data, has_more: false },
});
const paymentOf = (id: string, amount: number) => ({
  ...{
    object: "invoice_payment",
    id,
    invoice: "in_1",
    amount_paid: amount,
    amount_requested: amount,
  },
  ...{ currency: "eur", status: "paid", created: 1_794_320_551 },
  payment: { type: "payment_intent", payment_intent: "pi_1" },
});
const refund = {
  ...{ object: "refund", id: "re_1", amount: 8000, currency: "eur", status: "succeeded" },
  ...{ created: 1_794_400_000, payment_intent: "pi_1" },
};
const chargeback = {
  ...{ object: "dispute", id: "dp_1", amount: 238000, currency: "eur", status: "lost" },
  ...{ reason: "product_not_received", created: 1_794_400_000, payment_intent: "pi_1" },
};

/** Stripe's API over one paid invoice with a payment, a credit note and a refund. */
function answerAsStripe({ path }: Asked): Reply {
  const { pathname } = new URL(path, "http://stripe.test");
  const paid = {
    ...finalized,
    id: "in_1",
    status: "paid",
    amount_paid: 238000,
    amount_remaining: 0,
  };
  const payments = { data: [paymentOf("inpay_1", 238000)], has_more: false };
  const headers = { date: "Fri, 20 Nov 2026 09:00:00 GMT" };
  if (pathname === "/v1/invoices/in_1")
    return { status: 200, headers, body: { ...paid, payments } };
  if (pathname === "/v1/invoices") return list([paid]);
  if (pathname === "/v1/credit_notes")
    return list([{ ...objectIn("05-credit-note-created"), invoice: "in_1" }]);
  if (pathname === "/v1/refunds") return list([refund]);
  if (pathname === "/v1/refunds/re_1") return { status: 200, body: refund };
  if (pathname === "/v1/disputes/dp_1") return { status: 200, body: chargeback };
  if (pathname === "/v1/invoice_payments") return list([paymentOf("inpay_1", 238000)]);
  if (pathname === "/v1/events") return list([sample("04-invoice-paid"), refundEvent]);
  return {
    status: 404,
    body: { error: { type: "invalid_request_error", code: "resource_missing" } },
  };
}
const refundEvent = {
  ...{ id: "evt_9", object: "event", type: "refund.created", created: 1_794_400_000 },
  ...{ livemode: false, data: { object: refund } },
};

test("a fetched invoice comes with payments, credit notes and refunds, by Stripe's own clock", async () => {
  await using system = await startStandIn(answerAsStripe);
  const bound = bind({ apiUrl: system.url, account: "acct_1" });
  const changes = (await bound.fetch?.({ externalId: "in_1" }))?.changes;
  expect(changes).toMatchObject([
    {
      kind: "invoice",
      invoice: {
        version: "2026-11-20T09:00:00.000Z",
        paid: { amount: 238000 },
        credited: { amount: 23800 },
        due: { amount: 0 },
      },
    },
    { kind: "payment", paymentId: "inpay_1", stage: "received", amount: { amount: 238000 } },
    { kind: "credit", creditId: "cn_1SPc75B7WZ01zgkWcred0001", amount: { amount: 23800 } },
    { kind: "payment", paymentId: "re_1", stage: "refunded", amount: { amount: 8000 } },
  ]);
  expect(system.asked[0]?.headers).toMatchObject({
    authorization: "Bearer rk_test_1",
    "stripe-version": "2026-10-28.endive",
    "stripe-account": "acct_1",
  });
  expect((await bound.fetch?.({ externalId: "re_1" }))?.changes).toEqual(changes);
  expect((await bound.fetch?.({ externalId: "dp_1" }))?.changes.at(-1)).toMatchObject({
    ...{ kind: "chargeback", stage: "closed", outcome: "lost", invoice: { externalId: "in_1" } },
  });
  expect(await bound.fetch?.({ externalId: "in_2" })).toBeNull();
  expect(await bound.fetch?.({ number: "NWT-1" })).toEqual({ changes: [] });
});

test("what changed is found by events, and beyond 30 days by what is unpaid first", async () => {
  await using system = await startStandIn(answerAsStripe);
  const bound = bind({ apiUrl: system.url });
  const recent = await bound.changedSince?.("2026-11-19T00:00:00.000Z", null);
  expect(recent?.next).toBeNull();
  const events = system.asked.find(({ path }) => path.startsWith("/v1/events"));
  expect(decodeURIComponent(events?.path ?? "")).toContain(
    "created[gte]=1795046400&types[]=invoice.finalized",
  );
  const old = await bound.changedSince?.("2026-01-01T00:00:00.000Z", null);
  expect([old?.changes.length, old?.next]).toEqual([4, "uncollectible:"]);
  expect((await bound.changedSince?.("2026-01-01T00:00:00.000Z", "uncollectible:"))?.next).toBe(
    "events:",
  );
});

const written = (metadata: object, more: object = {}) => ({
  ...finalized,
  id: "in_4711",
  metadata,
  ...more,
});
const formOf = (asked: Asked | undefined) =>
  Object.fromEntries(new URLSearchParams(asked?.body.toString()));

test("a comment and a promise are written as our own metadata keys, under the key", async () => {
  await using system = await startStandIn(() => ({ status: 200, body: written({}) }));
  const bound = bind({ apiUrl: system.url });
  const text = "Please send the delivery note. ".repeat(30);
  const long = { ...commentAdded, comment: { id: "com_1", text } };
  expect(await bound.writeBack?.(long)).toEqual({
    ...{ reference: "in_4711", readBack: false },
    answer: "200; the comment was shortened to 500 characters",
  });
  await bound.writeBack?.(promiseMade);
  const [comment, promise] = system.asked;
  expect(comment).toMatchObject({ method: "POST", path: "/v1/invoices/in_4711" });
  expect(comment?.headers["idempotency-key"]).toBe(commentAdded.key);
  const said = formOf(comment)["metadata[portal_last_comment]"] ?? "";
  expect(said.length).toBeLessThanOrEqual(500);
  expect(said).toMatch(/ (note\.|the|send|delivery|Please)… https:\/\/portal\.example\/invoices\/inv_1$/);
  expect(formOf(promise)).toEqual({
    "metadata[portal_promise_date]": "2026-12-05",
    "metadata[portal_promise_amount]": "5000",
  });
});

test("collection stops while disputed and goes on as it was, if that is wanted", async () => {
  let invoice = written({}, { auto_advance: true });
  await using system = await startStandIn(() => ({ status: 200, body: invoice }));
  const bound = bind({ apiUrl: system.url, pausesCollection: true });
  await bound.writeBack?.(disputeOpened);
  expect(formOf(system.asked.at(-1))).toMatchObject({
    auto_advance: "false",
    "metadata[portal_auto_advance]": "true",
  });
  invoice = written({ portal_auto_advance: "true" }, { auto_advance: false });
  const { dispute } = disputeOpened;
  if (!dispute) throw new Error("There is no dispute");
  await bound.writeBack?.({
    ...disputeOpened,
    event: "dispute.withdrawn",
    dispute: { ...dispute, state: "withdrawn" },
  });
  expect(formOf(system.asked.at(-1))).toMatchObject({
    auto_advance: "true",
    "metadata[portal_auto_advance]": "",
  });
});

test("after a lost answer the invoice itself says whether it was written", async () => {
  const keys = {
    portal_last_comment: "Please send the delivery note",
    portal_last_comment_at: commentAdded.occurredAt,
  };
  let metadata: object = {};
  await using system = await startStandIn(({ method }) =>
    method === "GET"
      ? { status: 200, body: written(metadata) }
      : {
          status: 400,
          body: { error: { type: "idempotency_error", message: "Keys for idempotent requests" } },
        },
  );
  const bound = bind({ apiUrl: system.url });
  expect(await bound.findWriteBack?.(commentAdded)).toBeNull();
  await expect(bound.writeBack?.(commentAdded)).rejects.toMatchObject({
    retryAt: null,
    outcome: "unknown",
  });
  metadata = keys;
  expect(await bound.findWriteBack?.(commentAdded)).toMatchObject({ readBack: true });
  expect(await bound.writeBack?.(commentAdded)).toMatchObject({
    reference: "in_4711",
    readBack: true,
  });
});

test.each([
  [409, "true", undefined],
  [500, "false", null],
  [429, "false", undefined],
  [400, undefined, null],
])("%i with Stripe-Should-Retry %s is tried again at %s", async (status, advice, retryAt) => {
  const headers = advice === undefined ? {} : { "stripe-should-retry": advice };
  const body = { error: { type: "api_error", message: "Sorry" } };
  await using system = await startStandIn(() => ({ status, headers, body }));
  const sent = bind({ apiUrl: system.url }).writeBack?.(commentAdded);
  await expect(sent).rejects.toMatchObject({
    status,
    retryAt,
    message: `Stripe answered ${status}: Sorry`,
  });
});

test("without a key nothing is fetched or written back", () => {
  const bound = bind({}, {});
  expect(bound.fetch).toBeUndefined();
  expect(bound.canWriteBack("dispute.opened")).toBe(false);
  expect(bind().canWriteBack("invoice.issued")).toBe(false);
});
