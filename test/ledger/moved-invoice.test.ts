import { io } from "socket.io-client";
import { expect, test } from "vitest";
import { createKey } from "#server/access/api-keys.ts";
import { linkRecord } from "#server/customers/link-record.ts";
import { rebuild } from "#server/ledger/rebuild.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import type { LiveMessage } from "#server/live/message.ts";
import { livePath } from "#server/live/path.ts";
import { startSmtp } from "#test/support/smtp.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const operator = { kind: "operator", name: "test" } as const;
const first = { email: "ann@alpha.example", customer: { id: "C-1", name: "Alpha" } };
const second = { email: "bea@beta.example", customer: { id: "C-2", name: "Beta" } };
const secrets = ["SECRET-A", "SECRET-B", "ALPHA-REF-7", first.email];

const inAMonth = () => new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

type Person = Awaited<ReturnType<TestPortal["as"]>>;

/** An invoice that was billed to Alpha, whose person disputed it, commented and promised. */
async function startDisputed(environment: Record<string, string> = {}) {
  const portal = await startTestPortal({ environment });
  await portal.deliver("erp", invoiceIssued("F02", { customer: first.customer }));
  await portal.deliver("erp", invoiceIssued("F03", { customer: second.customer }));
  await portal.settled();
  const alpha = await portal.addCustomer("Alpha", first.email);
  const beta = await portal.addCustomer("Beta", second.email);
  await portal.addStaff("desk@kestrel.example");
  const ann = await portal.as(first.email);
  const invoice = await portal.invoiceId("F02");
  const dispute = { reason: "price_incorrect", part: "whole", message: "SECRET-A" };
  await ann.post(`/invoices/${invoice}/dispute`, { ...dispute, customerReference: "ALPHA-REF-7" });
  await ann.post(`/invoices/${invoice}`, { do: "comment", text: "SECRET-B" });
  await ann.post(`/invoices/${invoice}`, { do: "promise", promisedOn: inAMonth() });
  await portal.settled();
  return { portal, alpha, beta, ann, invoice };
}

/** The ERP says whose it is: each telling is newer than the one before. */
async function tell(portal: TestPortal, version: number, rest: Record<string, unknown>) {
  await portal.deliver("erp", invoiceIssued("F02", { version, ...rest }));
  await portal.settled();
}

const toBeta = (portal: TestPortal) => tell(portal, 2, { customer: second.customer });

async function keyOf({ portal, url }: TestPortal, customer: string) {
  const { key } = await createKey(portal, operator, { name: "k", role: "customer", customer });
  return async (path: string) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return `${answer.status} ${await answer.text()}`;
  };
}

async function readAll(person: Person, invoice: string): Promise<string> {
  const paths = [`/invoices/${invoice}`, "/invoices", "/invoices?view=disputed", "/disputes"];
  const pages = await Promise.all(paths.map(person.page));
  return pages.join("\n");
}

async function dispute({ portal }: TestPortal) {
  return portal.db.selectFrom("disputes").selectAll().executeTakeFirstOrThrow();
}

test("the new customer reads nothing that the one before wrote, on pages and by its key", async () => {
  const { portal, beta, invoice } = await startDisputed();
  await using _closing = portal;
  await toBeta(portal);
  const bea = await portal.as(second.email);
  const api = await keyOf(portal, beta);
  const answers = await Promise.all(
    ["/disputes", "/ledger", `/invoices/${invoice}`, `/invoices/${invoice}/events`].map(api),
  );
  const all = [await readAll(bea, invoice), ...answers].join("\n");
  for (const secret of secrets) expect(all).not.toContain(secret);
  expect(all).not.toContain((await dispute(portal)).customer_record_id);
  expect(await bea.page(`/invoices/${invoice}`)).not.toContain("promised EUR");
  expect(await bea.page("/disputes")).toContain("No dispute is open");
  expect(answers[2]).toContain('"dispute":"none"');
  const events = await portal.events("F02", "invoice.moved_in");
  expect(events).toHaveLength(1);
});

test("nor can it withdraw, answer or block: its own dispute stands beside the other", async () => {
  const { portal, invoice } = await startDisputed();
  await using _closing = portal;
  await toBeta(portal);
  const bea = await portal.as(second.email);
  const { id } = await dispute(portal);
  const tried = await Promise.all([
    bea.post("/disputes/D-F02-01", { do: "withdraw" }),
    bea.post("/disputes/D-F02-01", { do: "comment", text: "Hello" }),
    bea.post(`/invoices/${invoice}`, { do: "comment", text: "Hello", disputeId: id }),
  ]);
  expect(tried.map(({ status }) => status)).toEqual([404, 404, 404]);
  const own = { reason: "other", part: "whole", message: "Ours" };
  expect((await bea.post(`/invoices/${invoice}/dispute`, own)).status).toBe(302);
  expect(await bea.page("/disputes")).toContain("D-F02-02");
  const ann = await portal.as(first.email);
  expect(await ann.page("/disputes")).not.toContain("D-F02-02");
});

test("the customer before goes on reading its own words, answers and withdraws", async () => {
  const { portal, alpha, ann, invoice } = await startDisputed();
  await using _closing = portal;
  await toBeta(portal);
  await tell(portal, 3, { customer: second.customer, number: "BETA-9", total: "77.00" });
  expect(await ann.page("/disputes")).toContain("D-F02-01");
  for (const path of ["/disputes/D-F02-01", `/invoices/${invoice}`]) {
    const page = await ann.page(path);
    expect(page, path).toContain("SECRET");
    expect(page, path).not.toContain("BETA-9");
    expect(page, path).not.toContain("77.00");
    expect(page, path).not.toContain("Beta");
  }
  expect(await ann.page("/invoices")).not.toContain("F02");
  const api = await keyOf(portal, alpha);
  expect(await api("/disputes")).toContain("SECRET-A");
  expect(await api("/disputes")).not.toContain("BETA-9");
  expect(await api(`/invoices/${invoice}`)).toContain("404");
  expect(await api("/ledger")).not.toContain("BETA-9");
  const text = { do: "comment", text: "Still there" };
  expect((await ann.post("/disputes/D-F02-01", text)).status).toBe(302);
  expect((await ann.post(`/invoices/${invoice}`, text)).status).toBe(404);
  expect((await ann.post("/disputes/D-F02-01", { do: "withdraw" })).status).toBe(302);
  expect(await dispute(portal)).toMatchObject({ state: "withdrawn" });
  const bea = await portal.as(second.email);
  expect(await readAll(bea, invoice)).not.toContain("Still there");
});

test("finance sees all of it under its name, and what it decides is mailed to who disputed", async () => {
  await using smtp = await startSmtp();
  const { portal, invoice } = await startDisputed({ SMTP_URL: smtp.url });
  await using _closing = portal;
  await toBeta(portal);
  const desk = await portal.as("desk@kestrel.example");
  const { id } = await dispute(portal);
  const page = await desk.page(`/finance/disputes/${id}`);
  expect(page).toContain("SECRET-A");
  expect(page).toContain("Alpha");
  await desk.post(`/finance/disputes/${id}`, { do: "reject", text: "It was right" });
  await portal.settled();
  const mails = await portal.portal.db
    .selectFrom("outbox")
    .select(["target", "what"])
    .where("what", "=", "dispute_rejected")
    .execute();
  expect(mails).toEqual([{ target: first.email, what: "dispute_rejected" }]);
  await expect
    .poll(() => smtp.mails.filter(({ text }) => text?.includes("It was right")).length)
    .toBe(1);
  for (const { text = "" } of smtp.mails) expect(text).not.toContain("Beta disputes");
  const bea = await portal.as(second.email);
  expect(await readAll(bea, invoice)).not.toContain("It was right");
});

test("what happens afterwards keeps to the new one, and no promise of the other is kept by it", async () => {
  const { portal, ann, invoice } = await startDisputed();
  await using _closing = portal;
  await toBeta(portal);
  const paid = { customer: second.customer, paid: "1250.50", balance: "0.00" };
  await tell(portal, 3, paid);
  expect(await portal.events("F02", "promise.kept")).toEqual([]);
  expect(await ann.page(`/invoices/${invoice}`)).not.toContain("Payment");
});

test("an open page hears of its own alone, and one that lost the invoice loads again", async () => {
  const { portal, ann, invoice } = await startDisputed();
  await using _closing = portal;
  await toBeta(portal);
  const bea = await portal.as(second.email);
  const heard: { of: string; message: LiveMessage | "reload" }[] = [];
  const sockets = [ann, bea].map(({ cookie, seat }, index) => {
    const of = index === 0 ? "ann" : "bea";
    const extraHeaders = { cookie, origin: new URL(portal.url).origin };
    const socket = io(portal.url, {
      ...{ path: livePath, extraHeaders, auth: seat },
      transports: ["websocket"],
    });
    socket.on("event", (message: LiveMessage) => heard.push({ of, message }));
    socket.on("reload", () => heard.push({ of, message: "reload" }));
    return socket;
  });
  await expect.poll(() => sockets.every(({ connected }) => connected)).toBe(true);
  await ann.post("/disputes/D-F02-01", { do: "comment", text: "Once more" });
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  await bea.post(`/invoices/${invoice}`, { do: "comment", text: "Ours" });
  await expect.poll(() => heard.length).toBeGreaterThan(1);
  for (const socket of sockets) socket.disconnect();
  expect(heard.filter(({ of }) => of === "ann").map(({ message }) => message)).toEqual(["reload"]);
  const own = heard.filter(({ of }) => of === "bea");
  expect(own).toHaveLength(1);
  expect(own[0]?.message).toMatchObject({ type: "comment.added", disputes: [] });
});

test("two records of one company are one reader: nothing is lost when it moves between them", async () => {
  const { portal, alpha, ann, invoice } = await startDisputed();
  await using _closing = portal;
  await tell(portal, 2, { customer: { id: "C-9", name: "Alpha North" } });
  const { portal: context } = portal;
  const north = await context.db
    .selectFrom("customer_records")
    .select("id")
    .where("name", "=", "Alpha North")
    .executeTakeFirstOrThrow();
  await linkRecord(context, operator, { record: north.id, customer: alpha });
  const page = await ann.page(`/invoices/${invoice}`);
  for (const word of ["SECRET-A", "SECRET-B", "promised EUR"]) expect(page).toContain(word);
  const list = await ann.page("/invoices?view=disputed");
  expect(list).toContain("F02");
  const whole = { reason: "other", part: "whole", message: "Again" };
  expect((await ann.post(`/invoices/${invoice}/dispute`, whole)).status).toBe(409);
  expect((await ann.post("/disputes/D-F02-01", { do: "withdraw" })).status).toBe(302);
});

test("events keep verifying, name no foreign record, and lead to the same rows again", async () => {
  const { portal, ann, invoice } = await startDisputed();
  await using _closing = portal;
  const { customer_record_id: alpha } = await dispute(portal);
  await toBeta(portal);
  await ann.post("/disputes/D-F02-01", { do: "comment", text: "After" });
  await (await portal.as(second.email)).post(`/invoices/${invoice}`, { do: "comment", text: "B" });
  await tell(portal, 3, { customer: first.customer });
  expect(await ann.page(`/invoices/${invoice}`)).toContain("SECRET-A");
  const rows = await portal.portal.db
    .selectFrom("events")
    .select(["type", "type_version", "chain", "data"])
    .where("type", "in", ["invoice.moved_out", "invoice.moved_in"])
    .execute();
  expect(rows).toHaveLength(4);
  expect(new Set(rows.map(({ type_version }) => type_version))).toEqual(new Set([2]));
  const foreign = rows.filter(({ chain }) => chain !== alpha).map(({ data }) => data);
  expect(foreign.join()).not.toContain(alpha);
  const { differences } = await rebuild(portal.portal);
  expect(differences).toEqual({ invoices: 0, disputes: 0, comments: 0, promises: 0 });
  expect((await verifyLedger(portal.portal.db)).ok).toBe(true);
});
