import { expect, test } from "vitest";
import { lineSums } from "#app/invoices/line-sums.ts";
import { localeOf } from "#domain/locale.ts";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { invoiceIssued } from "./support/standard-event.ts";

const email = "ines@meridian.example";
const colleague = "jeroen@kestrel.example";

async function withInvoice(portal: TestPortal, invoice: Record<string, unknown> = {}) {
  const customer = { id: "C-1", name: "Meridian" };
  await portal.deliver("erp", invoiceIssued("KA-1", { customer, ...invoice }));
  await portal.settled();
  await portal.addCustomer("Meridian", email);
  return portal.as(email);
}

/** A page's words without its markup. */
function textOf(html: string): string {
  return html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#x27;/g, "'")
    .replaceAll(/\s+/g, " ");
}

test("words sent with a step of a dispute are in both conversations, in their order", async () => {
  await using portal = await startTestPortal();
  const customer = await withInvoice(portal);
  await portal.addStaff(colleague);
  const finance = await portal.as(colleague);
  await customer.post("/invoices/KA-1/dispute", {
    reason: "price_incorrect",
    part: "whole",
    message: "The price is wrong",
  });
  const { id } = await portal.portal.db
    .selectFrom("disputes")
    .select("id")
    .executeTakeFirstOrThrow();
  const path = `/finance/disputes/${id}`;
  // What a write-back tells a system ends in this address.
  const invoice = `/invoices/${await portal.invoiceId("KA-1")}`;
  for (const written of [invoice, "/disputes/D-KA-1-01"]) {
    const headers = { cookie: finance.cookie };
    const answer = await fetch(portal.url + written, { headers, redirect: "manual" });
    expect([written, answer.headers.get("location")]).toEqual([written, path]);
  }
  expect((await finance.post(path, { do: "take" })).status).toBe(302);
  const ask = { do: "ask", text: "Which price did we quote?" };
  expect((await finance.post(path, ask)).status).toBe(302);
  await customer.post("/disputes/D-KA-1-01", { do: "comment", text: "It was 2.70" });
  const resolve = { do: "resolve", credit: "10.00", text: "You are right", rootCause: "" };
  expect((await finance.post(path, resolve)).status).toBe(302);
  for (const page of ["/invoices/KA-1", "/disputes/D-KA-1-01"]) {
    const text = textOf(await customer.page(page));
    const said = [
      "The price is wrong",
      "Which price did we quote?",
      "It was 2.70",
      "You are right",
    ];
    const places = said.map((words) => text.indexOf(words));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text).toContain("resolved the dispute, EUR 10.00 credited");
  }
  const timeline = textOf(await customer.page("/invoices/KA-1"));
  expect(timeline).not.toContain("taken up");
  expect(timeline).toContain("jeroen asked a question, the dispute waits for you");
  expect(timeline).toContain("answered, the dispute is open again");
});

test("a voided invoice asks for nothing", async () => {
  await using portal = await startTestPortal();
  const { page } = await withInvoice(portal, { status: "void" });
  const text = textOf(await page("/invoices/KA-1"));
  expect(text).toContain("Nothing to pay");
  expect(text).toContain("Voided 1,250.50");
  expect(text).not.toContain("Promise a date");
  expect(textOf(await page("/invoices"))).toContain("Nothing is due.");
});

test("the list narrows to how late invoices are, and the ageing stands above it", async () => {
  await using portal = await startTestPortal();
  const { page } = await withInvoice(portal, { dueOn: "2020-01-31" });
  const list = await page("/invoices");
  expect(list.indexOf("Ageing as a table")).toBeLessThan(list.indexOf("Saved views"));
  expect(list).toContain("/invoices?late=over_90&amp;currency=EUR");
  expect(await page("/invoices?late=over_90&currency=EUR")).toContain("KA-1");
  expect(await page("/invoices?late=not_due")).toContain("No invoice matches these filters");
});

test("staff choose their own mail, also where stop links of mails lead", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff(colleague);
  const { post, page, cookie } = await portal.as(colleague);
  const answer = await fetch(`${portal.url}/settings`, { headers: { cookie }, redirect: "manual" });
  expect(answer.headers.get("location")).toBe("/finance/settings");
  expect(await page("/finance/settings")).toContain("Payments that customers promise");
  const form = { timeZone: "Europe/Amsterdam", locale: "en-GB", mail: "finance_disputes" };
  expect((await post("/finance/settings", form)).status).toBe(302);
  const stops = await portal.portal.db.selectFrom("mail_stops").select("kind").execute();
  const kinds = stops.map(({ kind }) => kind);
  expect(kinds).toContain("finance_promises");
  expect(kinds).not.toContain("finance_disputes");
  expect(kinds.filter((kind) => !kind.startsWith("finance_"))).toEqual([]);
});

test("an address that nobody knows looks like the portal, signed in and out", async () => {
  await using portal = await startTestPortal();
  const { cookie, at } = await withInvoice(portal);
  const unknown = await fetch(`${portal.url}/nowhere`);
  expect(unknown.status).toBe(404);
  expect(await unknown.text()).toContain("--brand");
  const missing = await fetch(at("/invoices/none"), { headers: { cookie } });
  expect(missing.status).toBe(404);
  expect(await missing.text()).toContain("Sign out");
  const icon = await fetch(`${portal.url}/favicon.ico`);
  expect(icon.headers.get("content-type")).toContain("svg");
  expect(await icon.text()).toContain("<svg");
});

test("net, tax and what no line tells add up to the total", () => {
  const line = { id: "1", description: "Work", net: 10_000 };
  const [net, vat] = lineSums([{ ...line, taxRate: "21.00" }], 12_100);
  expect([net, vat]).toEqual([
    { label: "Net", amount: 10_000 },
    { label: "VAT 21 %", amount: 2100 },
  ]);
  expect(lineSums([line], 12_100)[1]).toEqual({ label: "VAT and other", amount: 2100 });
  expect(lineSums([{ ...line, tax: 2100 }], 12_500).map(({ label }) => label)).toEqual([
    "Net",
    "VAT",
    "Other",
  ]);
  expect(lineSums([line], 10_000)).toEqual([]);
});

test("without a region of their own, people read dates as in Britain", () => {
  expect([null, "en", "fr-FR", "en-US", "de", "de-AT"].map(localeOf)).toEqual([
    "en-GB",
    "en-GB",
    "en-GB",
    "en-US",
    "de-DE",
    "de-AT",
  ]);
});
