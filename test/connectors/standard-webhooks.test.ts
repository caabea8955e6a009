import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { UpstreamError } from "#server/errors.ts";
import { connectors } from "#server/connectors/index.ts";
import { standardHeaders } from "#server/connectors/kit/standard-signature.ts";
import { commentAdded, disputeOpened, promiseMade } from "./requests.ts";
import { startStandIn, testHttp } from "./stand-in.ts";

const secret = "whsec_dGVzdC1zZWNyZXQtc3RhbmRhcmQtd2ViaG9va3M=";
const now = new Date("2026-11-20T10:00:00.000Z");

function bind(settings: object = {}, secrets: object = {}) {
  const connector = connectors.get("standard-webhooks");
  if (!connector) throw new Error("It is not in the list");
  return connector.bind(settings, { webhookSecret: secret, ...secrets }, testHttp());
}

function delivery(body: unknown, headers: Record<string, string> = {}, method = "POST") {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { method, query: "", headers: new Headers(headers), body: bytes, receivedAt: now };
}

const invoice = { number: "INV-1", currency: "EUR", version: 4 };
const event = (data: object, type = "invoice.updated") => ({
  type,
  timestamp: "2026-11-20T09:50:00Z",
  data,
});
const parse = (data: object, type?: string) => bind().parse(delivery(event(data, type))).changes;
const told = (fields: object, type?: string) =>
  parse({ invoice: { ...invoice, ...fields } }, type)[0];
const refused = (message: string | RegExp) =>
  expect.objectContaining({ status: 422, message: expect.stringMatching(message) });

test("amounts are decimals in text or number, or integers of minor units, exactly", () => {
  expect(told({ total: "1250.50" })).toMatchObject({
    invoice: { total: { amount: 125050, currency: "EUR" } },
  });
  const raw = JSON.stringify(event({ invoice })).replace(
    '"version":4',
    '"version":4,"total":1250.50',
  );
  expect(bind().parse(delivery(raw)).changes[0]).toMatchObject({ invoice: { total: { amount: 125050 } } });
  expect(told({ totalMinor: 125050, total: "1250.5" })).toMatchObject({
    invoice: { total: { amount: 125050 } },
  });
  expect(told({ currency: "JPY", total: 5000 })).toMatchObject({
    invoice: { total: { amount: 5000 } },
  });
  expect(told({ currency: "KWD", balance: "1.234" })).toMatchObject({
    invoice: { due: { amount: 1234 } },
  });
});

test("doubles of Java, times of every spelling and a byte order mark are read", () => {
  const body = JSON.stringify(event({ invoice })).replace(
    '"version":4',
    '"version":4,"total":1.0E7,"paid":"2.5E2"',
  );
  const spelled = body.replace("2026-11-20T09:50:00Z", "2026-11-20t10:50+0100");
  for (const text of [spelled, `\ufeff${spelled}`]) {
    expect(bind().parse(delivery(text)).changes).toMatchObject([
      {
        invoice: {
          ...{ total: { amount: 1_000_000_000 }, paid: { amount: 25_000 } },
          toldAt: "2026-11-20T09:50:00.000Z",
        },
      },
    ]);
  }
});

test("a long text is cut where no character is broken", () => {
  const dispute = { state: "open", message: `${"d".repeat(4999)}😀 x` };
  const fields = {
    description: `${"d".repeat(499)}😀 pallet`,
    lines: [{ description: `${"d".repeat(999)}😀`, unit: `${"u".repeat(39)}😀` }],
  };
  const changes = parse({ invoice: { ...invoice, ...fields }, dispute }, "dispute.opened");
  expect(JSON.stringify(changes).isWellFormed()).toBe(true);
  expect(JSON.stringify(changes)).not.toContain("\\ud83d");
  expect(changes[0]).toMatchObject({ invoice: { description: `${"d".repeat(499)}…` } });
});

test("a line's further decimals cost the invoice nothing", () => {
  expect(told({ total: "100.00", lines: [{ net: "33.333", tax: 0.005, total: "x" }] })).toMatchObject(
    { invoice: { total: { amount: 10_000 }, lines: [{ net: 3333, tax: 1, total: undefined }] } },
  );
});

const negative = { id: "x", amount: "-200.00" };
test.each([
  ["payment.received", { payment: negative }, "payment.amount: is negative"],
  ["payment.refunded", { refund: negative }, "refund.amount: is negative"],
  ["payment.refunded", { refund: { id: "x", amountMinor: -1 } }, "refund.amount: is negative"],
  ["invoice.adjusted", { adjustment: negative }, "adjustment.amount: is negative"],
  ["dispute.opened", { dispute: { state: "open", amount: "-5.00" } }, "dispute.amount: is negative"],
  ["promise.made", { promise: { on: "2026-12-01", amount: -5 } }, "promise.amount: is negative"],
  ["invoice.updated", { invoice: { ...invoice, paid: "-1" } }, "invoice.paid: is negative"],
  ["invoice.updated", { invoice: { ...invoice, total: "-1" } }, "invoice.total: is negative"],
])("a negative amount with %s is refused by its name", (type, data, message) => {
  expect(() => parse({ invoice, ...data }, type)).toThrow(refused(message));
});

test("a balance may be negative: the customer paid too much", () => {
  expect(told({ total: "10.00", paid: "12.00", balance: "-2.00" })).toMatchObject({
    invoice: { due: { amount: -200 } },
  });
});

test.each([
  [{ currency: "XAU" }, "invoice.currency: is not an ISO 4217"],
  [{ currency: "ZZZ" }, "invoice.currency"],
  [{ number: "INV-1\n2" }, "invoice.number: has a line break"],
  [{ number: "INV\u202e1" }, "invoice.number: has a line break"],
  [{ updatedAt: "9999-12-31T23:59:59-05:00" }, "invoice.updatedAt: is not a time"],
  [{ dueOn: "0001-01-01" }, "invoice.dueOn: is before 1900"],
])("%j is refused", (fields, message) => {
  expect(() => told(fields)).toThrow(refused(message));
});

test.each([
  [{ total: "10.00", totalMinor: 999 }, "invoice.total: .* not the same amount"],
  [{ total: "10.001" }, "more than 2 decimals"],
  [{ currency: "JPY", total: "10.5" }, "more than 0 decimals"],
  [{ total: "1.250,50" }, "is not a decimal amount"],
  [{ total: "" }, "data.invoice.total"],
  [{ currency: "Euro" }, "data.invoice.currency"],
  [{ updatedAt: "2026-11-20T09:50:00" }, "data.invoice.updatedAt: is not a time with its zone"],
  [{ dueOn: "2026-02-30" }, "data.invoice.dueOn"],
  [{ number: undefined }, "data.invoice.number: is missing"],
])("%o is understood and impossible", (fields, message) => {
  expect(() => told(fields)).toThrow(refused(message));
});

test("a status decides what people decide, the rest only follows from amounts", () => {
  const stateOf = (fields: object, type?: string) => {
    const change = told(fields, type);
    return change?.kind === "invoice" ? [change.invoice.state, change.invoice.overdue] : [];
  };
  expect(stateOf({ status: "draft" }, "invoice.issued")).toEqual(["draft", undefined]);
  expect(stateOf({ status: "overdue" })).toEqual(["issued", true]);
  expect(stateOf({ status: "written_off" })).toEqual(["written_off", undefined]);
  expect(stateOf({}, "invoice.voided")).toEqual(["void", undefined]);
  expect(stateOf({}, "invoice.issued")).toEqual(["issued", undefined]);
  expect(stateOf({}, "invoice.overdue")).toEqual([undefined, true]);
  expect(stateOf({})).toEqual([undefined, undefined]);
});

test("the version is the integer, else when it was updated, else when it happened", () => {
  const versionOf = (fields: object) => told({ version: undefined, ...fields });
  expect(versionOf({ version: 7, updatedAt: "2026-11-20T09:00:00Z" })).toMatchObject({
    invoice: { version: 7 },
  });
  expect(versionOf({ updatedAt: "2026-11-20T10:00:00+01:00" })).toMatchObject({
    invoice: { version: "2026-11-20T09:00:00.000Z" },
  });
  expect(versionOf({})).toMatchObject({ invoice: { version: "2026-11-20T09:50:00.000Z" } });
});

test("lines, references, description, comment, promise and dispute come with it", () => {
  const lines = [
    { description: "Anodizing", quantity: 2.5, unitPrice: "4.00", net: "10.00", total: "11.90" },
  ];
  const references = [
    { kind: "job", value: "J-9" },
    { kind: "colour", value: "red" },
  ];
  const changes = parse({
    invoice: { ...invoice, lines, references, poNumber: "PO-7", description: "Parts" },
    comment: { id: "c1", text: "Hello", author: "Ann" },
    promise: { id: "p1", on: "2026-12-05", amount: "5.00" },
    dispute: {
      id: "dsp_1",
      externalId: "CASE-1",
      state: "under_review",
      reason: "other",
      message: "We look",
    },
    refund: { id: "R-1", amount: "1.00", at: "2026-11-19" },
  });
  const about = { version: 4, toldAt: "2026-11-20T09:50:00.000Z", invoice: { number: "INV-1" } };
  const amount = { amount: 500, currency: "EUR" };
  expect(changes).toMatchObject([
    {
      invoice: {
        references: [
          { kind: "po", value: "PO-7" },
          { kind: "job", value: "J-9" },
          { kind: "other", value: "red" },
        ],
        lines: [
          {
            id: "1",
            description: "Anodizing",
            quantity: "2.5",
            unitPrice: "4.00",
            net: 1000,
            total: 1190,
          },
        ],
        description: "Parts",
      },
    },
    { ...about, kind: "payment", paymentId: "R-1", stage: "refunded", occurredAt: "2026-11-19" },
    { ...about, kind: "dispute", externalId: "dsp_1", state: "under_review", message: "We look" },
    { ...about, kind: "comment", externalId: "c1", text: "Hello", author: "Ann" },
    { ...about, kind: "promise", externalId: "p1", promisedOn: "2026-12-05", amount },
  ]);
});

test.each([
  [
    { creditedAmount: "80.00", amount: "100.00" },
    { amount: { amount: 10000 }, creditedAmount: { amount: 8000 } },
  ],
  [{ amount: "80.00" }, { creditedAmount: { amount: 8000 } }],
])("a resolved dispute with %o tells what was credited", (amounts, expected) => {
  const [, change] = parse({ invoice, dispute: { id: "d1", ...amounts } }, "dispute.resolved");
  expect(change).toMatchObject({ kind: "dispute", state: "resolved", ...expected });
});

test.each([
  ["order.shipped", {}, "none that a system can tell"],
  ["mail.sent", {}, "none that a system can tell"],
  ["payment.failed", {}, "data.payment: is missing"],
  ["payment.received", {}, "data.payment: is missing"],
  ["payment.received", { payment: { amount: "1.00" } }, "data.payment.id: is missing"],
  ["payment.received", { payment: { id: "P-1" } }, "payment.amount: is missing"],
  ["dispute.opened", {}, "data.dispute: is missing"],
  ["dispute.updated", { dispute: { id: "d1" } }, "dispute.state: is missing"],
  ["comment.added", {}, "data.comment: is missing"],
  ["invoice.adjusted", {}, "data.adjustment: is missing"],
])("%s with %o is refused", (type, data, message) => {
  expect(() => parse({ invoice, ...data }, type)).toThrow(refused(message));
});

test("a smaller balance alone is enough for a payment", () => {
  expect(parse({ invoice: { ...invoice, balance: "1.00" } }, "payment.received")).toHaveLength(1);
});

const cloud = (fields: object = {}) => ({
  ...{ specversion: "1.0", id: "A-1", source: "/erp", type: "com.example.invoice.updated" },
  ...{ time: "2026-11-20T09:50:00Z", data: { invoice } },
  ...fields,
});
const structured = { "content-type": "application/CloudEvents+JSON; charset=UTF-8" };
const batch = { "content-type": "application/cloudevents-batch+json" };

test("CloudEvents come structured, in batches and as base64, and the longest known type counts", () => {
  const base64 = Buffer.from(JSON.stringify({ invoice })).toString("base64");
  const plain = bind().parse(delivery(cloud(), structured)).changes;
  expect(
    bind().parse(delivery(cloud({ data: undefined, data_base64: base64 }), structured)).changes,
  ).toEqual(plain);
  expect(bind().parse(delivery([cloud(), cloud(), cloud({ id: "A-2" })], batch)).changes).toHaveLength(2);
  expect(bind().parse(delivery([], batch)).changes).toEqual([]);
  const isIssued = bind().parse(
    delivery(cloud({ type: "invoice.voided.invoice.issued" }), structured),
  );
  expect(isIssued.changes[0]).toMatchObject({ invoice: { state: "issued" } });
});

test("of a batch an event that cannot be used is rejected alone, by its id or its place", () => {
  const events = [cloud(), cloud({ id: "A-2", data: {} }), "no event", cloud({ id: "A-4" })];
  const { changes, rejected } = bind().parse(delivery(events, batch));
  expect(changes).toHaveLength(2);
  expect(rejected?.map(({ at }) => at)).toEqual(["Event A-2", "Event 3"]);
});

test.each([
  [cloud(), { "content-type": "application/cloudevents+avro" }, 415],
  [cloud({ datacontenttype: "text/xml" }), structured, 415],
  [cloud({ specversion: "0.3" }), structured, 400],
  [cloud({ time: "2026-11-20T09:50:00" }), structured, 422],
  [cloud({ data_base64: "e30=" }), structured, 400],
  ["{", structured, 400],
])("%j as %o is answered %i", (body, headers, status) => {
  expect(() => bind().parse(delivery(body, headers))).toThrow(expect.objectContaining({ status }));
});

const binary = {
  ...{ "content-type": "application/json", "ce-specversion": "1.0", "ce-id": "A-1" },
  ...{
    "ce-source": "/erp/M%C3%BCnchen",
    "ce-type": "invoice.voided",
    "ce-time": "2026-11-20T09:50:00Z",
  },
};

test("in binary mode the signed id and the type inside the body have to agree with the headers", () => {
  const body = JSON.stringify({ type: "invoice.voided", invoice });
  const signed = { ...binary, ...standardHeaders(secret, { id: "A-1", sentAt: now, body }) };
  bind().verify(delivery(body, signed));
  expect(bind().parse(delivery(body, signed)).changes[0]).toMatchObject({ invoice: { state: "void" } });
  const other = { ...signed, "ce-id": "A-2" };
  expect(() => bind().verify(delivery(body, other))).toThrow(
    expect.objectContaining({ status: 401 }),
  );
  const otherType = { ...signed, "ce-type": "invoice.issued" };
  expect(() => bind().parse(delivery(body, otherType))).toThrow(refused("must be repeated inside"));
  expect(() => bind().parse(delivery({ invoice }, binary))).toThrow(
    refused("must be repeated inside"),
  );
  const broken = { ...binary, "ce-source": "%C3%28" };
  expect(() => bind().parse(delivery(body, broken))).toThrow(
    expect.objectContaining({ status: 400 }),
  );
});

test("a CloudEvent is known by source and id, any other message by its webhook-id", () => {
  const key = (body: unknown, headers: object) =>
    bind().dedupeKey(delivery(body, { "webhook-id": "msg_1", ...headers }));
  expect(key(cloud(), structured)).toBe('["/erp","A-1"]');
  expect(key("{", structured)).toBe("msg_1");
  expect(key({}, {})).toBe("msg_1");
});

test("only listed origins are greeted", () => {
  const ask = (origin: string, allowedOrigins: string[]) =>
    bind({ allowedOrigins }).handshake(
      delivery("", { "webhook-request-origin": origin }, "OPTIONS"),
    );
  const headers = {
    "webhook-allowed-origin": "erp.example",
    "webhook-allowed-rate": "100",
    allow: "POST",
  };
  expect(ask("erp.example", ["erp.example"])).toEqual({ status: 200, headers });
  // Refused as by every address, whether it is a connection's or nobody's.
  expect(ask("evil.example", ["erp.example"])).toBeUndefined();
  expect(bind().handshake(delivery("{}"))).toBeUndefined();
});

test("a ping is a ping in every form, and nothing else is", () => {
  expect(bind().isPing(delivery({ type: "ping" }))).toBe(true);
  expect(bind().isPing(delivery(cloud({ type: "ping" }), structured))).toBe(true);
  expect(bind().isPing(delivery(event({ invoice, comment: { text: '"ping"' } })))).toBe(false);
  expect(bind().isPing(delivery('{"ping"'))).toBe(false);
});

const secrets = { writeBackSecret: secret, fetchToken: "token-1" };

test("what is written back is the published message, signed, under the key", async () => {
  await using system = await startStandIn(() => ({ status: 204 }));
  const bound = bind({ writeBackUrl: `${system.url}/portal` }, secrets);
  for (const request of [disputeOpened, commentAdded, promiseMade])
    await bound.writeBack?.(request);
  const bodies = system.asked.map(({ body }): unknown => JSON.parse(body.toString()));
  const reference = { number: "INV-1001", externalId: "in_4711", version: 3 };
  const actor = { name: "Ana Buyer", email: "ana@acme.example" };
  expect(bodies).toMatchObject([
    {
      type: "portal.dispute.opened",
      timestamp: "2026-11-20T09:59:00.000Z",
      data: {
        invoice: reference,
        dispute: {
          ...{
            id: "dsp_1",
            reason: "quantity_incorrect",
            state: "open",
            amount: "120.00",
            currency: "EUR",
          },
          message: "Two pieces are missing",
        },
        actor,
      },
    },
    {
      type: "portal.comment.added",
      data: {
        invoice: reference,
        comment: { id: "com_1", text: "Please send the delivery note" },
        actor,
      },
    },
    {
      type: "portal.promise.made",
      data: { promise: { id: "prm_1", on: "2026-12-05", amount: "5000", currency: "JPY" } },
    },
  ]);
  const [first] = system.asked;
  expect(first?.headers).toMatchObject({
    "webhook-id": disputeOpened.key,
    "webhook-timestamp": "1795168800",
    "webhook-signature": new Webhook(secret).sign(disputeOpened.key, now, String(first?.body)),
  });
});

test.each([
  [409, { reference: "CASE-7" }, "CASE-7"],
  [200, "thanks", null],
  [202, { reference: 12 }, "12"],
])("%i with %o is success", async (status, body, reference) => {
  await using system = await startStandIn(() => ({ status, body }));
  const receipt = await bind({ writeBackUrl: system.url }, secrets).writeBack?.(disputeOpened);
  expect(receipt).toMatchObject({ reference, readBack: false });
});

test.each([
  [410, null],
  [400, null],
  [404, null],
  [422, null],
  [401, undefined],
  [425, undefined],
  [500, undefined],
])("%i is tried again at %s", async (status, retryAt) => {
  await using system = await startStandIn(() => ({ status }));
  const sent = bind({ writeBackUrl: system.url }, secrets).writeBack?.(disputeOpened);
  await expect(sent).rejects.toThrow(UpstreamError);
  await expect(sent).rejects.toMatchObject({ status, retryAt });
});

test("an invoice is fetched with its payments and credits, and changes are listed page by page", async () => {
  const full = {
    ...{ ...invoice, externalId: "a/b", balance: "0.00" },
    payments: [{ id: "P-1", amount: "9.00", at: "2026-11-19T00:00:00Z" }],
    adjustments: [
      { id: "CN-1", kind: "discount", amount: "1.00", at: "2026-11-18", reason: "Early" },
    ],
  };
  await using system = await startStandIn(({ path }) => {
    if (path.startsWith("/api/invoices/")) return { status: 200, body: full };
    const isFirst = !path.includes("cursor=");
    return { status: 200, body: { data: [full], next: isFirst ? "p&2" : null } };
  });
  const bound = bind({ fetchUrl: `${system.url}/api/` }, secrets);
  const kinds = (changes?: Change[] | null) => changes?.map(({ kind }) => kind);
  expect(kinds((await bound.fetch?.({ externalId: "a/b" }))?.changes)).toEqual([
    "invoice",
    "payment",
    "credit",
  ]);
  const since = "2026-11-19T00:00:00.000Z";
  const first = await bound.changedSince?.(since, null);
  expect([kinds(first?.changes), first?.next]).toEqual([["invoice", "payment", "credit"], "p&2"]);
  expect((await bound.changedSince?.(since, "p&2"))?.next).toBeNull();
  expect(system.asked.map(({ path }) => path)).toEqual([
    "/api/invoices/a%2Fb",
    "/api/invoices?updated_since=2026-11-19T00%3A00%3A00.000Z&limit=100",
    "/api/invoices?updated_since=2026-11-19T00%3A00%3A00.000Z&limit=100&cursor=p%262",
  ]);
  expect(system.asked.every(({ headers }) => headers.authorization === "Bearer token-1")).toBe(
    true,
  );
});

test("without addresses nothing is fetched or written back", () => {
  expect(bind().fetch).toBeUndefined();
  expect(bind().changedSince).toBeUndefined();
  expect(bind().canWriteBack("dispute.opened")).toBe(false);
  const bound = bind({ writeBackUrl: "https://erp.example/" }, secrets);
  expect(bound.canWriteBack("dispute.opened")).toBe(true);
  expect(bound.canWriteBack("payment.received")).toBe(false);
});
