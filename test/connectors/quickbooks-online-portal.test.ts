import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { beginConnect } from "#server/connections/start-grant.ts";
import { finishConnect } from "#server/connections/finish-grant.ts";
import type { PersonAction } from "#domain/change.ts";
import { record } from "#server/ledger/record.ts";
import { reconcile } from "#server/reconcile/run.ts";
import { type Intuit, startIntuit } from "#test/support/intuit.ts";
import { intuitClient } from "#test/support/intuit-oauth.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const [realm, other] = ["9130357766900001", "9130357766900002"];
const source = { kind: "operator", name: "test" } as const;

/** A portal whose app is connected to both companies, by the way that an administrator takes. */
async function open() {
  let now = new Date("2026-11-20T10:00:00.000Z");
  const clock = () => now;
  const intuit = await startIntuit({ clock });
  const running = await startTestPortal({
    clock,
    environment: { OUTBOUND_ALLOW: "127.0.0.0/8" },
    connections: [
      {
        ...{ id: "intuit", system: "quickbooks-online" },
        settings: { clientId: intuitClient.clientId, environment: "sandbox", apiUrl: intuit.url },
        secrets: {
          clientSecret: intuitClient.clientSecret,
          verifierToken: "test-secret-quickbooks-online",
        },
      },
    ],
  });
  for (const account of [realm, other]) await connect(running, intuit, account);
  return {
    intuit,
    running,
    books: intuit.company(realm),
    later(ms: number) {
      now = new Date(now.getTime() + ms);
    },
    /** Sends what Intuit would send because of an invoice (a payment has the number after it), and waits until all is done. */
    async notify(scenario: string, invoice: string, account = realm) {
      now = new Date(now.getTime() + 1000);
      const app = running.portal.connections.get("intuit");
      const requests = app?.connector.simulations[scenario]?.({
        ...{ now, seed: Number(invoice), account },
      });
      for (const { headers, body } of requests ?? []) {
        const address = `${running.url}/webhooks/intuit`;
        const answer = await fetch(address, { method: "POST", headers, body });
        if (answer.status !== 200) throw new Error(`It was answered ${answer.status}`);
      }
      await running.settled();
    },
    async acts(action: PersonAction) {
      const person = { id: "usr_buyer", name: "Ines de Wolf", side: "customer" } as const;
      const by = { kind: "user", user: person.id } as const;
      await record(running.portal, { kind: "person", source: by, person, actions: [action] });
      await running.settled();
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await intuit[Symbol.asyncDispose]();
    },
  };
}

async function connect({ portal }: TestPortal, intuit: Intuit, account: string) {
  intuit.company(account);
  intuit.grants.choose(account);
  const asked = { app: "intuit", sessionToken: "session-1" };
  const back = await fetch(await beginConnect(portal, asked), { redirect: "manual" });
  const callback = new URL(back.headers.get("location") ?? "").searchParams;
  await finishConnect(portal, { callback, sessionToken: "session-1", userId: "u1", source });
}

const rowsOf = ({ portal }: TestPortal) =>
  portal.db.selectFrom("invoices").select(["number", "owner", "status", "paid", "due"]).execute();
const typesOf = async (running: TestPortal, number: string) =>
  (await running.events(number)).map(({ type }) => type);

test("each company that is connected becomes a connection of its name", async () => {
  await using at = await open();
  const { connections } = at.running.portal;
  expect(connections.list().map(({ id, name, account }) => [id, name, account])).toEqual([
    ["intuit", "QuickBooks Online", null],
    [`intuit-books-of-${realm}`, `Books of ${realm}`, realm],
    [`intuit-books-of-${other}`, `Books of ${other}`, other],
  ]);
  expect(await connections.test(`intuit-books-of-${realm}`)).toBe(
    "QuickBooks answers; there is no invoice yet",
  );
});

test("an invoice goes its way from issue to paid, with a payment that is taken back between", async () => {
  await using at = await open();
  const id = at.books.issue(238000, { docNumber: "1045" });
  await at.notify("issued", id);
  expect(await rowsOf(at.running)).toMatchObject([
    { number: "1045", owner: `intuit-books-of-${realm}`, status: "open", due: 238000 },
  ]);
  const wrong = at.books.pay([{ invoice: id, amount: 100000 }]);
  await at.notify("partly-paid", id);
  expect(await rowsOf(at.running)).toMatchObject([{ status: "partially_paid", paid: 100000 }]);
  at.books.deletePayment(wrong);
  await at.notify("payment-deleted", id);
  at.books.pay([{ invoice: id, amount: 238000 }]);
  await at.notify("paid", id);
  expect(await rowsOf(at.running)).toMatchObject([{ status: "paid", paid: 238000, due: 0 }]);
  expect(await typesOf(at.running, "1045")).toEqual([
    ...["invoice.issued", "payment.received", "payment.reversed", "payment.received"],
  ]);
  expect(at.intuit.violations).toEqual([]);
});

test("one body for two companies is recorded as each, and the older shape says the same", async () => {
  await using at = await open();
  const second = at.intuit.company(other);
  const ids = [at.books.issue(1000, { docNumber: "A-1" }), second.issue(2000, { docNumber: "B-1" })];
  const event = (id: string, account: string, verb: string) => ({
    ...{ specversion: "1.0", id: `evt-${id}-${account}-${verb}`, source: "intuit.x" },
    ...{ type: `qbo.invoice.${verb}.v1`, time: "2026-11-20T10:00:00.179851517Z", data: {} },
    ...{ intuitentityid: id, intuitaccountid: account },
  });
  const [first = "", last = ""] = ids;
  const body = JSON.stringify([event(first, realm, "created"), event(last, other, "created")]);
  const signed = createHmac("sha256", "test-secret-quickbooks-online").update(body);
  const headers = { "intuit-signature": signed.digest("base64") };
  const send = () => fetch(`${at.running.url}/webhooks/intuit`, { method: "POST", headers, body });
  expect([(await send()).status, (await send()).status]).toEqual([200, 200]);
  await at.running.settled();
  await at.notify("older-shape", last, other);
  expect((await rowsOf(at.running)).map(({ number, owner }) => [number, owner])).toEqual([
    ["A-1", `intuit-books-of-${realm}`],
    ["B-1", `intuit-books-of-${other}`],
  ]);
  const kept = await at.running.portal.db.selectFrom("deliveries").selectAll().execute();
  expect(kept.map(({ dead_at }) => dead_at)).toEqual([null, null]);
  expect(await typesOf(at.running, "B-1")).toEqual(["invoice.issued"]);
});

test("a payment whose deletion alone is told is taken back from the invoice it was on", async () => {
  await using at = await open();
  const id = at.books.issue(5000, { docNumber: "1045" });
  const payment = at.books.pay([{ invoice: id, amount: 5000 }]);
  await at.notify("paid", id);
  at.later(3_600_000);
  at.books.deletePayment(payment);
  await at.notify("payment-deleted", String(Number(payment) - 1));
  expect(await rowsOf(at.running)).toMatchObject([{ status: "open", paid: 0, due: 5000 }]);
  expect((await typesOf(at.running, "1045")).at(-1)).toBe("payment.reversed");
});

test("what was deleted before anybody heard of it leaves no trace", async () => {
  await using at = await open();
  const id = at.books.issue(5000, { docNumber: "1045" });
  at.books.deleteInvoice(id);
  await at.notify("deleted", id);
  await at.notify("issued", id);
  const { db } = at.running.portal;
  expect(await db.selectFrom("unmatched").selectAll().execute()).toEqual([]);
  const kept = await db.selectFrom("deliveries").select(["error", "dead_at"]).execute();
  expect(kept).toEqual([
    { error: null, dead_at: null },
    { error: null, dead_at: null },
  ]);
});

test("voided and deleted invoices are void, also when only the notification says so", async () => {
  await using at = await open();
  const [voided, deleted] = ["1", "2"].map((docNumber) => at.books.issue(5000, { docNumber }));
  await at.notify("issued", voided ?? "");
  await at.notify("issued", deleted ?? "");
  at.books.voidInvoice(voided ?? "");
  at.books.change("Invoice", voided ?? "", { PrivateNote: "" });
  at.books.deleteInvoice(deleted ?? "");
  at.later(1000);
  await at.notify("voided", voided ?? "");
  await at.notify("deleted", deleted ?? "");
  expect((await rowsOf(at.running)).map(({ status }) => status)).toEqual(["void", "void"]);
});

test("what was paid on an invoice that is deleted is taken off it, and counts once where it went", async () => {
  await using at = await open();
  const [gone = "", other = ""] = ["1", "2"].map((docNumber) => at.books.issue(10000, { docNumber }));
  await at.notify("issued", gone);
  await at.notify("issued", other);
  const payment = at.books.pay([{ invoice: gone, amount: 4000 }]);
  await at.notify("partly-paid", gone);
  at.later(60_000);
  at.books.deleteInvoice(gone);
  const Line = [{ Amount: 40, LinkedTxn: [{ TxnId: other, TxnType: "Invoice" }] }];
  at.books.change("Payment", payment, { Line });
  const LinkedTxn = [{ TxnId: payment, TxnType: "Payment" }];
  at.books.change("Invoice", other, { LinkedTxn, Balance: 60 });
  await at.notify("deleted", gone);
  await at.notify("updated", other);
  expect(await rowsOf(at.running)).toMatchObject([
    { number: "1", status: "void", paid: 0 },
    { number: "2", status: "partially_paid", paid: 4000 },
  ]);
  expect(await typesOf(at.running, "1")).toEqual([
    ...["invoice.issued", "payment.received", "payment.reversed", "invoice.voided"],
  ]);
});

test("a dispute made in the portal reaches QuickBooks and comes back equal; its echo says nothing", async () => {
  await using at = await open();
  const id = at.books.issue(238000, { docNumber: "1045" });
  await at.notify("issued", id);
  await at.acts({
    ...{ kind: "open_dispute", invoiceId: await at.running.invoiceId("1045") },
    ...{ reason: "price_incorrect", amount: 20000, lines: [], message: "The quotation says 2.70" },
  });
  const [note] = [...at.books.all.Attachable.values()];
  expect(note?.Note).toContain("The quotation says 2.70");
  expect(at.books.all.Invoice.get(id)?.CustomField).toMatchObject([
    { Name: "Dispute", StringValue: "OPEN D-1045-01 200.00" },
  ]);
  const rows = at.running.portal.db.selectFrom("outbox").selectAll().where("kind", "=", "writeback");
  expect(await rows.execute()).toMatchObject([
    { state: "read_back", target: `intuit-books-of-${realm}` },
  ]);
  const before = await typesOf(at.running, "1045");
  await at.notify("updated", id);
  expect(await typesOf(at.running, "1045")).toEqual(before);
  expect(before).toContain("writeback.confirmed");
  expect(at.intuit.violations).toEqual([]);
});

test("what Intuit never told of is found by reconciliation", async () => {
  await using at = await open();
  const { portal } = at.running;
  const run = () => reconcile(portal, `intuit-books-of-${realm}`, { anyTime: true });
  const ids = [1, 2, 3].map((n) => at.books.issue(1000 * n, { docNumber: `INV-${n}` }));
  await at.notify("issued", ids[0] ?? "");
  at.later(60 * 86_400_000);
  expect(await run()).toMatchObject({ error: null, read: 3 });
  at.later(3_600_000);
  at.books.pay([{ invoice: ids[1] ?? "", amount: 2000 }]);
  at.books.deleteInvoice(ids[2] ?? "");
  at.later(3_600_000);
  expect(await run()).toMatchObject({ error: null, read: 2, differed: 2 });
  expect((await rowsOf(at.running)).map(({ status }) => status)).toEqual(["open", "paid", "void"]);
  expect(await typesOf(at.running, "INV-2")).toContain("reconciliation.corrected");
  at.later(3_600_000);
  expect(await run()).toMatchObject({ error: null, differed: 0 });
  expect(at.intuit.violations).toEqual([]);
});

test("a token that ended early is renewed once for all who call; a company that left is said", async () => {
  await using at = await open();
  const ids = [1, 2, 3].map((n) => at.books.issue(1000, { docNumber: `INV-${n}` }));
  at.intuit.grants.expire();
  for (const id of ids) await at.notify("issued", id);
  expect(await rowsOf(at.running)).toHaveLength(3);
  expect(at.intuit.grants.refreshed).toHaveLength(1);
  at.intuit.grants.withdraw(realm);
  at.books.pay([{ invoice: ids[0] ?? "", amount: 1000 }]);
  await at.notify("paid", ids[0] ?? "");
  const failed = at.running.portal.db.selectFrom("deliveries").selectAll().where("error", "is not", null);
  expect((await failed.execute())[0]?.error).toContain("must be connected anew");
  await connect(at.running, at.intuit, realm);
  at.later(60_000);
  await at.running.settled();
  expect((await rowsOf(at.running)).map(({ status }) => status)).toContain("paid");
});
