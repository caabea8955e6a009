import { expect, test } from "vitest";
import { tryReplay } from "#server/deliveries/try-replay.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal, webhookSecret } from "#test/support/start-portal.ts";

const system = "standard-webhooks";
const secrets = { webhookSecret };

const invoices = ({ portal }: TestPortal) =>
  portal.db
    .selectFrom("invoices")
    .select(["number", "external_id", "total", "paid", "due", "customer_name"])
    .orderBy("external_id")
    .execute();

async function send(portal: TestPortal, body: object, connection = "erp") {
  await portal.deliver(connection, body);
  await portal.settled();
}

/** Two legal entities whose customer records are one company's. */
async function twoEntities() {
  const connections = ["erp", "erpf"].map((id) => ({ id, system, secrets }));
  const portal = await startTestPortal({ connections });
  await send(portal, invoiceIssued("SEED-1"), "erp");
  await send(portal, invoiceIssued("SEED-2"), "erpf");
  await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  return portal;
}

test("two legal entities with one number bill two invoices, and each payment is its own", async () => {
  await using portal = await twoEntities();
  const first = { externalId: "a-1", total: "100.00", balance: "100.00" };
  await send(portal, invoiceIssued("F03A", first), "erp");
  const second = { externalId: "b-1", total: "800.00", balance: "800.00" };
  await send(portal, invoiceIssued("F03A", second), "erpf");
  const paid = { ...second, paid: "60.00", balance: "740.00", version: 2 };
  await send(portal, invoiceIssued("F03A", paid), "erpf");
  expect((await invoices(portal)).slice(0, 2)).toMatchObject([
    { external_id: "a-1", total: 10_000, paid: 0, due: 10_000 },
    { external_id: "b-1", total: 80_000, paid: 6_000, due: 74_000 },
  ]);
});

test("not even of one total are the invoices of two owners taken for one", async () => {
  await using portal = await twoEntities();
  await send(portal, invoiceIssued("F03B", { externalId: "a-1" }), "erp");
  await send(portal, invoiceIssued("F03B", { externalId: "b-1" }), "erpf");
  expect((await invoices(portal)).filter(({ number }) => number === "F03B")).toHaveLength(2);
  // Each has a dispute of its own, with a number of its own.
  const buyer = await portal.as("buyer@acme.example");
  const rows = await portal.portal.db
    .selectFrom("invoices")
    .select("id")
    .where("number", "=", "F03B")
    .execute();
  const dispute = { reason: "other", part: "whole", message: "Which one?" };
  for (const { id } of rows) await buyer.post(`/invoices/${id}/dispute`, dispute);
  const numbers = await portal.portal.db.selectFrom("disputes").select("number").execute();
  expect(numbers.map(({ number }) => number).sort()).toEqual(["D-F03B-01", "D-F03B-02"]);
});

test("a payment by a number that two invoices have waits for a person, in either order", async () => {
  await using portal = await startTestPortal();
  await send(portal, invoiceIssued("N-1", { externalId: "x-1" }));
  const other = { id: "C-2", name: "Other BV" };
  await send(portal, invoiceIssued("N-1", { externalId: "x-2", customer: other }));
  const { data, ...message } = paymentReceived("N-1", { id: "P-1", amount: "60.00" });
  const { externalId: _id, ...invoice } = data.invoice;
  await send(portal, { ...message, data: { ...data, invoice } });
  expect((await invoices(portal)).map(({ paid }) => paid)).toEqual([0, 0]);
  const waiting = () => portal.portal.db.selectFrom("unmatched").selectAll().execute();
  const waits = { name: "no:N-1", matched_at: null };
  expect(await waiting()).toMatchObject([waits, waits]);
  // A third of the name is not the one that was meant either.
  await send(portal, invoiceIssued("N-1", { externalId: "x-3" }));
  expect((await invoices(portal)).map(({ paid }) => paid)).toEqual([0, 0, 0]);
  expect(await waiting()).toMatchObject([waits, waits]);
});

test("a customer without a name is called as its record is, and not as the invoice", async () => {
  await using portal = await startTestPortal();
  await send(portal, invoiceIssued("N-2", { customer: { id: "cus_f13" } }));
  expect(await invoices(portal)).toMatchObject([{ customer_name: "cus_f13" }]);
  const named = { customer: { id: "cus_f13", name: "Acme" }, version: 2 };
  await send(portal, invoiceIssued("N-2", named));
  await send(portal, invoiceIssued("N-2", { customer: { id: "cus_f13" }, version: 3 }));
  expect(await invoices(portal)).toMatchObject([{ customer_name: "Acme" }]);
});

test("what waited is recorded under the delivery that contains it, and its page says so", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("desk@kestrel.example");
  await send(portal, paymentReceived("9999", { id: "PAY-77", amount: "5.00" }));
  const desk = await portal.as("desk@kestrel.example");
  const { id } = await portal.portal.db
    .selectFrom("deliveries")
    .select("id")
    .executeTakeFirstOrThrow();
  const path = `/finance/deliveries/${id}`;
  expect(await desk.page(path)).toContain("2 changes wait");
  expect(await desk.page(path)).not.toContain("changed nothing");
  expect(await tryReplay(portal.portal, id)).toMatchObject({ events: [], waiting: 2 });
  await send(portal, invoiceIssued("9999"));
  const [payment] = await portal.events("9999", "payment.received");
  expect(payment?.source).toEqual({ kind: "connection", connection: "erp", delivery: id });
  const [issued] = await portal.events("9999", "invoice.issued");
  expect(issued?.source).toEqual({ kind: "connection", connection: "erp", delivery: id + 1 });
  expect(await desk.page(path)).toContain("payment.received<");
  expect(await desk.page(`/finance/deliveries/${id + 1}`)).not.toContain("payment.received<");
  expect(await tryReplay(portal.portal, id)).toMatchObject({ events: [], waiting: 0 });
});

test("finance reads what waits with its amount, records it with an invoice, or gives it up", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("desk@kestrel.example");
  await send(portal, invoiceIssued("N-1", { externalId: "x-1" }));
  await send(portal, paymentReceived("9999", { id: "PAY-77", amount: "5.00" }));
  const desk = await portal.as("desk@kestrel.example");
  const path = "/finance/deliveries/unmatched";
  expect(await desk.page(path)).toContain('value="EUR 500"');
  const rows = await portal.portal.db.selectFrom("unmatched").selectAll().orderBy("id").execute();
  const [told, payment] = rows;
  const link = { do: "link", id: String(payment?.id) };
  const refused = await desk.post(path, { ...link, invoice: "N-2" });
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain("There is no invoice of this number");
  expect((await desk.post(path, { ...link, invoice: "n-1" })).status).toBe(302);
  expect((await invoices(portal))[0]).toMatchObject({ paid: 500, due: 124_550 });
  const [received] = await portal.events("N-1", "payment.received");
  const delivery = payment?.delivery_id;
  expect(received?.source).toEqual({ kind: "connection", connection: "erp", delivery });
  expect((await desk.post(path, { do: "give_up", id: String(told?.id) })).status).toBe(302);
  expect(await desk.page(path)).toContain("Nothing waits");
});
