import { expect, test } from "vitest";
import { removeConnection } from "#server/connections/disconnect.ts";
import { replayDelivery } from "#server/deliveries/replay-delivery.ts";
import { reconcileDue } from "#server/reconcile/job.ts";
import { invoiceId, keptInvoice, keptPayment, keptShare } from "./fake-xero-invoices.ts";
import { signed, tenants } from "./fake-xero.ts";
import { samplesOf } from "./samples.ts";
import { type Notice, openXeroPortal, second, source } from "./xero-portal.ts";

/** What Xero looks at in an answer. */
async function seen(answer: Response) {
  const cookies = answer.headers.getSetCookie();
  return { status: answer.status, body: await answer.text(), cookies };
}
const taken = { status: 200, body: "", cookies: [] };

test("intent to receive: 200 for what is signed rightly, 401 for what is not, both without a word", async () => {
  await using at = await openXeroPortal({ isConnected: false });
  const body =
    '{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}';
  const bad = {
    ...signed(body),
    "x-xero-signature": "i/wvYj6cdrwyQ717sqWA/kFYYWaQPdXgN4+kHm7Q2Jo=",
  };
  for (const [headers, status] of [
    [signed(body), 200],
    [bad, 401],
    [signed(body, "another key"), 401],
    [{ "content-type": "application/json" }, 401],
  ] as const) {
    const answer = await at.post(body, headers);
    expect(answer.headers.get("content-length")).toBe("0");
    expect(await seen(answer)).toEqual({ ...taken, status });
  }
  expect(await at.deliveries()).toEqual([]);
});

test("events are answered without a word too, known or not, the same again for a duplicate", async () => {
  await using at = await openXeroPortal({ isConnected: false });
  for (const sample of samplesOf("xero", new Date())) {
    for (let times = 0; times < 2; times += 1) {
      const answer = await at.post(sample.body.toString());
      expect(await seen(answer)).toEqual(taken);
    }
  }
  expect(await seen(await at.post('{"events":[{"new":"shape"}]}'))).toEqual(taken);
  await at.running.settled();
  expect(await at.deliveries()).toHaveLength(6);
});

test("deliveries come to the app's address, an organisation has none", async () => {
  await using at = await openXeroPortal();
  expect(at.portal.connections.list().map(({ id }) => id)).toEqual([
    ...["xero", "xero-northwind-north", "xero-northwind-south"],
  ]);
  const address = `${at.running.url}/webhooks/xero-northwind-north`;
  expect((await fetch(address, { method: "POST", body: "{}" })).status).toBe(404);
  expect(await at.portal.connections.test("xero-northwind-north")).toBe(
    "Xero answers; there is no invoice yet",
  );
});

test.each([
  ["with a clock of its own", {}],
  ["in the thread of production", { inThread: true }],
] as const)("one body about two organisations is recorded as each, %s", async (_where, how) => {
  await using at = await openXeroPortal(how);
  at.north.invoices.set(invoiceId, keptInvoice());
  at.south.invoices.set(second, keptInvoice({ InvoiceID: second, InvoiceNumber: "INV-0001" }));
  at.south.invoices.set("bill", keptInvoice({ InvoiceID: "bill", Type: "ACCPAY" }));
  await at.notify([
    { id: invoiceId },
    { id: second, tenant: tenants.south },
    { id: "bill", tenant: tenants.south },
    { id: invoiceId },
  ]);
  expect((await at.rows()).map(({ number, owner }) => [number, owner])).toEqual([
    ["INV-0001", "xero-northwind-south"],
    ["INV-0042", "xero-northwind-north"],
  ]);
  // One by its id, two at once by their ids; the scheduler may read the list meanwhile, too.
  const calls = at.fake.calls();
  expect(calls).toContain("GET /Invoices");
  const single = calls.filter((call) => call !== "GET /Invoices");
  expect(single).toEqual([`GET /Invoices/${invoiceId}`]);
  expect(at.fake.faults).toEqual([]);
});

test("an invoice goes its way: issued, paid in part, the payment taken back, credited, paid", async () => {
  await using at = await openXeroPortal();
  at.change({ Status: "DRAFT" });
  await at.notify([{ id: invoiceId }]);
  expect(await at.types()).toEqual([]);
  const steps: [object, object, Notice?][] = [
    [{ Status: "AUTHORISED" }, { status: "open", due: 238000 }],
    [
      { AmountPaid: 1000, AmountDue: 1380, Payments: [keptPayment("p-1", 1000)] },
      { status: "partially_paid", paid: 100000, due: 138000 },
    ],
    [
      { AmountPaid: 0, AmountDue: 2380, Payments: [] },
      { status: "open", paid: 0, due: 238000 },
    ],
    [
      {
        ...{ AmountCredited: 380.5, AmountDue: 1999.5 },
        CreditNotes: [keptShare({ CreditNoteID: "cn-1", CreditNoteNumber: "CN-1" }, 380.5)],
      },
      { status: "partially_paid", credited: 38050, due: 199950 },
      { id: "cn-1", category: "CREDITNOTE" },
    ],
    [
      {
        ...{ Status: "PAID", AmountPaid: 1999.5, AmountDue: 0 },
        Payments: [keptPayment("p-2", 1999.5, "2026-11-20")],
      },
      { status: "paid", paid: 199950, credited: 38050, due: 0 },
    ],
  ];
  const Allocations = [{ Amount: 380.5, Invoice: { InvoiceID: invoiceId } }];
  at.north.creditNotes.set("cn-1", { CreditNoteID: "cn-1", Type: "ACCRECCREDIT", Allocations });
  for (const [rest, shown, notice = { id: invoiceId }] of steps) {
    at.change(rest);
    await at.notify([notice]);
    expect(await at.rows()).toMatchObject([shown]);
  }
  expect(await at.types()).toEqual([
    ...["invoice.issued", "payment.received", "payment.reversed"],
    ...["invoice.adjusted", "payment.received"],
  ]);
  expect(at.fake.faults).toEqual([]);
});

test("a dispute goes into the history, a promise becomes a date, and its echo says nothing", async () => {
  await using at = await openXeroPortal();
  at.change({});
  await at.notify([{ id: invoiceId }]);
  const invoice = await at.running.invoiceId("INV-0042");
  await at.acts({
    ...{ kind: "open_dispute", invoiceId: invoice, reason: "price_incorrect" },
    ...{ amount: 20000, lines: [], message: "The quotation says 100" },
  });
  await at.acts({ kind: "promise", invoiceId: invoice, promisedOn: "2026-12-15", amount: 100000 });
  const [note] = at.north.history.get(invoiceId) ?? [];
  expect(note?.Details).toMatch(/^\[D-INV-0042-01#\d+\] dispute opened · .*The quotation says 100/);
  expect(at.north.invoices.get(invoiceId)).toMatchObject({
    ExpectedPaymentDate: `/Date(${Date.parse("2026-12-15")}+0000)/`,
  });
  const outbox = at.portal.db.selectFrom("outbox").select(["state", "target"]);
  const target = "xero-northwind-north";
  const written = await outbox.where("kind", "=", "writeback").execute();
  expect(written).toEqual([
    { state: "read_back", target },
    { state: "read_back", target },
  ]);
  const before = await at.types();
  await at.notify([{ id: invoiceId }]);
  expect(await at.types()).toEqual(before);
  expect(before.filter((type) => type === "writeback.confirmed")).toHaveLength(2);
  expect(at.fake.faults).toEqual([]);
});

test("an answer that was lost does not become a second note", async () => {
  await using at = await openXeroPortal();
  at.change({});
  await at.notify([{ id: invoiceId }]);
  at.fake.treat("lose");
  const invoiceIdHere = await at.running.invoiceId("INV-0042");
  await at.acts({ kind: "comment", invoiceId: invoiceIdHere, text: "Please send the timesheet" });
  at.later(60_000);
  await at.running.settled();
  expect(at.north.history.get(invoiceId)).toHaveLength(1);
  const [row] = await at.portal.db
    .selectFrom("outbox")
    .selectAll()
    .where("kind", "=", "writeback")
    .execute();
  expect(row).toMatchObject({ state: "read_back", attempts: 2 });
});

test("a burst that Xero's limit turns away comes through later, however often it has to wait", async () => {
  await using at = await openXeroPortal();
  at.change({});
  for (let times = 0; times < 12; times += 1) at.fake.treat("minute");
  await at.notify([{ id: invoiceId }]);
  for (let times = 0; times < 12; times += 1) {
    expect(await at.rows()).toEqual([]);
    at.later(37_000);
    await at.running.settled();
  }
  expect(await at.rows()).toHaveLength(1);
  expect(at.fake.calls()).toHaveLength(13);
});

test("tokens that ended are renewed, once for both organisations", async () => {
  await using at = await openXeroPortal();
  at.change({});
  at.south.invoices.set(second, keptInvoice({ InvoiceID: second, InvoiceNumber: "INV-0001" }));
  at.later(31 * 60_000);
  await at.notify([{ id: invoiceId }, { id: second, tenant: tenants.south }]);
  expect(await at.rows()).toHaveLength(2);
  expect(at.fake.identity.refreshes()).toBe(1);
});

test("what came for an organisation before it was connected is replayed afterwards", async () => {
  await using at = await openXeroPortal({ isConnected: false });
  at.change({});
  await at.notify([{ id: invoiceId }]);
  const [stranded] = await at.deliveries();
  expect(stranded?.error).toContain(tenants.north);
  await at.connect();
  await replayDelivery(at.portal, source, stranded?.id ?? 0);
  await at.running.settled();
  expect(await at.rows()).toHaveLength(1);
});

test("with its last organisation the access ends at Xero, too", async () => {
  await using at = await openXeroPortal();
  expect(await removeConnection(at.portal, source, "xero-northwind-south")).toBeNull();
  expect(at.fake.asked.some(({ path }) => path === "/connect/revocation")).toBe(false);
  expect(await removeConnection(at.portal, source, "xero-northwind-north")).toBeNull();
  expect(at.fake.asked.at(-1)?.path).toBe("/connect/revocation");
  expect(at.fake.faults).toEqual([]);
});

test("numbers that are missing between two deliveries lead to reading what was lost", async () => {
  await using at = await openXeroPortal();
  at.change({});
  await at.notify([{ id: invoiceId }]);
  await reconcileDue(at.portal);
  const lost = keptInvoice({ InvoiceID: second, InvoiceNumber: "INV-0043" });
  at.north.invoices.set(second, { ...lost, updatedMs: Date.parse("2026-11-20T10:00:01.500Z") });
  at.later(20 * 60_000);
  await at.notify([{ id: invoiceId }]);
  await reconcileDue(at.portal);
  expect(await at.rows()).toHaveLength(1);
  await at.notify([{ id: invoiceId }], 3);
  await reconcileDue(at.portal);
  expect((await at.rows()).map(({ number }) => number)).toEqual(["INV-0042", "INV-0043"]);
  expect(await at.running.events("INV-0043", "reconciliation.corrected")).toHaveLength(1);
  expect(at.fake.faults).toEqual([]);
});

test("what is no business of ours leaves no gap, and numbers that begin anew are one", async () => {
  await using at = await openXeroPortal();
  const due = () =>
    at.portal.db
      .selectFrom("reconcile_cursors")
      .select("due_at")
      .where("due_at", "<=", at.now())
      .execute();
  await reconcileDue(at.portal);
  await at.notify([{ id: invoiceId }]);
  await at.notify([{ id: "contact-1", category: "CONTACT" }]);
  await at.notify([{ id: invoiceId }]);
  expect(await due()).toEqual([]);
  const anew = { firstEventSequence: 1, lastEventSequence: 1, entropy: "Z" };
  await at.post(JSON.stringify({ events: [], ...anew }));
  expect(await due()).toEqual([]);
  at.beginAnew();
  await at.notify([{ id: invoiceId }]);
  expect(await due()).toHaveLength(2);
});
