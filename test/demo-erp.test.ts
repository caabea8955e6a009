import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { z } from "zod";
import { erpInvoice, Sent, startDemo, webhookSecret } from "#test/support/demo-erp.ts";

const byTransfer = { method: "bank_transfer", reference: "REF 9" };
const dispute = {
  id: "dsp_1",
  reason: "quantity_incorrect",
  amount: "120.00",
  currency: "EUR",
  message: "Two racks are missing",
};

const List = z.object({
  data: z.array(z.looseObject({ externalId: z.string(), version: z.number() })),
  next: z.string().nullable(),
});

test("a payment is told by a webhook that the official library verifies", async () => {
  await using demo = await startDemo();
  await demo.press("/invoices/1/payment", { do: "receive", amount: "400.50", ...byTransfer });
  const sent = await demo.portal.receivedOne();
  const told = Sent.parse(new Webhook(webhookSecret).verify(sent.body, sent.headers));
  expect(told.type).toBe("payment.received");
  expect(told.data.invoice).toMatchObject({ total: "1250.50", balance: "850.00", version: 8 });
  expect(told.data.payment).toMatchObject({
    amount: "400.50",
    currency: "EUR",
    reference: "REF 9",
  });
});

test("loading invoices sends nothing, and amounts follow the currency's decimals", async () => {
  await using demo = await startDemo([
    erpInvoice(1),
    erpInvoice(2, { currency: "JPY", total: 5000 }),
  ]);
  demo.erp.loadInvoices([erpInvoice(3, { currency: "KWD", total: 1234 })]);
  expect(await demo.fetched("2")).toMatchObject({ total: "5000", balance: "5000", version: 7 });
  expect(await demo.fetched("3")).toMatchObject({ total: "1.234", lines: [{ net: "1.000" }] });
  await demo.press("/invoices/1/comment", { text: "Hello" });
  expect((await demo.portal.receivedOne()).type).toBe("comment.added");
});

test("a webhook that fails is sent again: same id, same bytes, in order per invoice", async () => {
  await using demo = await startDemo();
  demo.portal.answers.push("hang-up", 503, 302, 200);
  await demo.press("/invoices/1/payment", { do: "receive", amount: "10", ...byTransfer });
  await demo.press("/invoices/1/credit-note", { amount: "5", reason: "Colour" });
  const sent = await demo.portal.received(5);
  const ids = sent.map(({ headers }) => headers["webhook-id"]);
  expect(ids).toEqual([ids[0], ids[0], ids[0], ids[0], ids[4]]);
  expect(ids[4]).not.toBe(ids[0]);
  for (const { body, headers } of sent) new Webhook(webhookSecret).verify(body, headers);
  expect(new Set(sent.slice(0, 4).map(({ body }) => body)).size).toBe(1);
  const last = Sent.parse(JSON.parse(sent[4]?.body ?? ""));
  expect(last.type).toBe("invoice.adjusted");
  expect(last.data.invoice).toMatchObject({ balance: "1235.50" });
});

test("what was not accepted is still sent after a restart", async () => {
  await using demo = await startDemo();
  demo.portal.answers.push(...Array.from({ length: 50 }, () => 503));
  await demo.press("/invoices/1/close", { do: "void" });
  const first = await demo.portal.receivedOne();
  await demo.restart();
  demo.portal.answers.length = 0;
  await demo.portal.accepted(first.headers["webhook-id"]);
});

test("a write-back is done once for its webhook-id, and another asking the same gets 409", async () => {
  await using demo = await startDemo();
  const first = await demo.writeBack("portal.dispute.opened", { dispute }, { id: "key-1" });
  expect(first).toEqual({ status: 200, reference: "CASE-001" });
  const again = await demo.writeBack("portal.dispute.opened", { dispute }, { id: "key-1" });
  expect(again).toEqual(first);
  const other = await demo.writeBack("portal.dispute.opened", { dispute }, { id: "key-2" });
  expect(other).toEqual({ status: 409, reference: "CASE-001" });
  expect((await demo.page("/invoices/1")).match(/class="box dispute"/g)).toHaveLength(1);
  expect(await demo.fetched("1")).toMatchObject({ version: 8 });
});

test("comments and promises get references of their own and show on the invoice", async () => {
  await using demo = await startDemo();
  const comment = { id: "c1", text: "When will <b>this</b> be fixed?" };
  const promise = { id: "p1", on: "2026-12-05", amount: "100.00", currency: "EUR" };
  const told = await demo.writeBack("portal.comment.added", { comment });
  expect(told).toEqual({ status: 200, reference: "NOTE-001" });
  const promised = await demo.writeBack("portal.promise.made", { promise });
  expect(promised).toEqual({ status: 200, reference: "PROM-001" });
  const page = await demo.page("/invoices/1");
  expect(page).toContain("When will &lt;b&gt;this&lt;/b&gt; be fixed?");
  expect(page).toContain("Payment promised for 2026-12-05: 100.00 EUR");
});

test("a write-back with a wrong signature or an old timestamp is refused with 401", async () => {
  await using demo = await startDemo();
  const wrong = await demo.writeBack(
    "portal.dispute.opened",
    { dispute },
    { secret: webhookSecret },
  );
  expect(wrong.status).toBe(401);
  const sentAt = new Date(Date.now() - 301_000);
  expect((await demo.writeBack("portal.dispute.opened", { dispute }, { sentAt })).status).toBe(401);
  expect(await demo.page("/invoices/1")).not.toContain("CASE-001");
});

test("write-backs of unknown invoices and of unknown types are refused, a later try works", async () => {
  await using demo = await startDemo();
  const unknown = await demo.writeBack("portal.chargeback.opened", { dispute }, { id: "k" });
  expect(unknown.status).toBe(422);
  const nowhere = { invoice: { number: "INV-9" }, dispute };
  expect((await demo.writeBack("portal.dispute.opened", nowhere)).status).toBe(404);
  expect((await demo.writeBack("portal.dispute.opened", { dispute }, { id: "k" })).status).toBe(
    200,
  );
});

test("a dispute is reviewed, asked about and resolved with a credit note", async () => {
  await using demo = await startDemo();
  await demo.writeBack("portal.dispute.opened", { dispute });
  const path = "/invoices/1/disputes/dsp_1";
  await demo.press(path, { do: "review", message: "", credited: "" });
  await demo.press(path, { do: "ask", message: "Which rack?", credited: "" });
  await demo.press(path, { do: "answer", message: "We counted again", credited: "" });
  await demo.press(path, { do: "resolve", message: "You are right", credited: "120" });
  const sent = await demo.portal.received(5);
  const told = sent.map(({ body }) => Sent.parse(JSON.parse(body)));
  expect(told.map(({ type }) => type)).toEqual([
    "dispute.updated",
    "dispute.waiting",
    "comment.added",
    "invoice.adjusted",
    "dispute.resolved",
  ]);
  const reason = "quantity_incorrect";
  expect(told[0]?.data.dispute).toMatchObject({ id: "dsp_1", state: "under_review", reason });
  expect(told[2]?.data.comment).toMatchObject({ text: "We counted again" });
  expect(told[3]?.data.adjustment).toMatchObject({ kind: "credit_note", amount: "120.00" });
  expect(told[4]?.data).toMatchObject({
    dispute: { id: "dsp_1", state: "resolved", amount: "120.00", message: "You are right" },
    invoice: { balance: "1130.50", credited: "120.00", version: 13 },
  });
  const closed = await demo.submit(path, { do: "reject", message: "No", credited: "" });
  expect(closed.status).toBe(422);
});

test("an impossible credit resolves nothing: no credit note, no webhook", async () => {
  await using demo = await startDemo();
  await demo.writeBack("portal.dispute.opened", { dispute });
  const form = { do: "resolve", message: "", credited: "9999" };
  const answer = await demo.submit("/invoices/1/disputes/dsp_1", form);
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("cannot exceed what was invoiced");
  expect(await demo.fetched("1")).toMatchObject({ credited: "0.00", version: 8 });
  expect(await demo.page("/traffic")).not.toContain("invoice.adjusted");
});

test("behaviours fail, refuse, hang up and slow down, and pages keep working", async () => {
  await using demo = await startDemo();
  const send = () => demo.writeBack("portal.dispute.opened", { dispute }, { id: "key" });
  await demo.press("/behaviour", { mode: "fail" });
  expect((await send()).status).toBe(503);
  expect((await demo.get("/api/invoices/1")).status).toBe(503);
  await demo.press("/behaviour", { mode: "refuse", reason: "Period closed" });
  expect(await send()).toEqual({ status: 422, detail: "Period closed" });
  expect((await demo.get("/api/invoices/1")).status).toBe(200);
  await demo.press("/behaviour", { mode: "down" });
  await expect(send()).rejects.toThrow("fetch failed");
  expect(await demo.page("/")).toContain("Down: every connection");
  await demo.press("/behaviour", { mode: "slow", seconds: "1" });
  const startedAt = performance.now();
  expect((await send()).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThan(950);
  await demo.press("/behaviour", { mode: "normal" });
  const log = await demo.page("/traffic");
  for (const said of ["answered 503", "answered 422", "answered nothing", "CASE-001"]) {
    expect(log).toContain(said);
  }
});

test("the list of changes pages without gap or double, while invoices change", async () => {
  const sameInstant = Array.from({ length: 23 }, (_, index) => erpInvoice(index + 1));
  await using demo = await startDemo(sameInstant);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = List.parse(await (await demo.get(`/api/invoices?limit=5${cursor}`)).json());
    seen.push(...page.data.map(({ externalId, version }) => `${externalId}@${version}`));
    if (seen.length === 5) await demo.press("/invoices/1/due-date", { dueOn: "2027-01-31" });
    cursor = page.next === null ? null : `&cursor=${page.next}`;
  }
  const loaded = sameInstant.map(({ id }) => `${id}@7`);
  expect(seen.toSorted()).toEqual([...loaded, "1@8"].toSorted());
  const since = "/api/invoices?updated_since=2026-11-02T00:00:00.000Z";
  const changed = List.parse(await (await demo.get(since)).json());
  expect(changed).toMatchObject({ data: [{ externalId: "1", dueOn: "2027-01-31" }], next: null });
});

test("fetching needs the token and tells bad questions from unknown invoices", async () => {
  await using demo = await startDemo();
  expect((await fetch(`${demo.erp.fetchUrl}/invoices/1`)).status).toBe(401);
  expect((await demo.get("/api/invoices/none")).status).toBe(404);
  for (const bad of ["limit=0", "cursor=x", "updated_since=yesterday"]) {
    expect((await demo.get(`/api/invoices?${bad}`)).status).toBe(400);
  }
});

test("activity makes the same believable changes for the same seed", async () => {
  const runs = await Promise.all(
    [1, 2].map(async () => {
      await using demo = await startDemo([1, 2, 3, 4, 5].map((id) => erpInvoice(id)));
      const changed = Array.from({ length: 12 }, () => demo.erp.activity.makeChange());
      await demo.portal.received(12);
      return changed.map((one) => one?.journal.at(-1)?.text);
    }),
  );
  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]?.join()).toMatch(/Payment PAY-\d+ received/);
  expect(runs[0]).toContain("Invoice issued");
});

test("a new invoice continues the numbering and is told to the portal", async () => {
  await using demo = await startDemo();
  const form = { customerId: "C1", description: "Rails", net: "100.00", currency: "EUR" };
  const dueOn = "2099-01-01";
  await demo.press("/invoices", { ...form, taxRate: "20", dueOn, poNumber: "" });
  const sent = await demo.portal.receivedOne();
  const { type, data } = Sent.parse(JSON.parse(sent.body));
  expect(type).toBe("invoice.issued");
  expect(data.invoice).toMatchObject({ number: "INV-1002", total: "120.00", version: 1 });
});

test("the list finds by customer, and a button pressed from another site does nothing", async () => {
  await using demo = await startDemo([erpInvoice(1), erpInvoice(2, { number: "INV-2000" })]);
  expect(await demo.page("/?q=INV-2000")).not.toContain("INV-1001");
  expect(await demo.page("/?q=aerospace&show=unpaid")).toContain("INV-1001");
  const headers = { "sec-fetch-site": "cross-site" };
  const body = new URLSearchParams({ do: "void" });
  const url = `${demo.erp.url}/invoices/1/close`;
  expect((await fetch(url, { method: "POST", headers, body })).status).toBe(403);
});
