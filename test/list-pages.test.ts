import { expect, test } from "vitest";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { invoiceIssued } from "./support/standard-event.ts";

const email = "ines@meridian.example";
const customer = { id: "C-1", name: "Meridian" };
const clock = () => new Date("2026-11-20T10:00:00.000Z");

async function withInvoices(portal: TestPortal, invoices: Record<string, object>) {
  for (const [number, told] of Object.entries(invoices)) {
    await portal.deliver("erp", invoiceIssued(number, { customer, ...told }));
  }
  await portal.settled();
  await portal.addCustomer("Meridian", email);
  return portal.as(email);
}

function textOf(html: string): string {
  return html
    .replaceAll(/<(script|style|noscript)[\s\S]*?<\/\1>/g, " ")
    .replaceAll("<!-- -->", "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

/** The numbers of the table's rows, in their order. */
function numbersIn(html: string): string[] {
  const table = html.slice(html.lastIndexOf("<tbody"), html.lastIndexOf("</tbody"));
  return [...table.matchAll(/<bdi>(KA-\d+)</g)].map(([, number = ""]) => number);
}

const paid = { status: "paid", balance: "0.00" };

test("what is to be paid comes first, the longest overdue at the top; the rest follows", async () => {
  await using portal = await startTestPortal({ clock });
  const { page } = await withInvoices(portal, {
    "KA-1": { dueOn: "2027-01-15" },
    "KA-2": { dueOn: "2026-10-01" },
    "KA-3": { dueOn: "2026-11-01", ...paid },
    "KA-4": { dueOn: "2025-12-10", ...paid },
    "KA-5": { dueOn: "2026-11-25" },
    "KA-6": { dueOn: undefined },
  });
  const list = await page("/invoices");
  expect(numbersIn(list)).toEqual(["KA-2", "KA-5", "KA-1", "KA-6", "KA-3", "KA-4"]);
  // A year that is not the present one is said.
  const text = textOf(list);
  expect(text).toContain("10 Dec 2025");
  expect(text).toContain("15 Jan 2027");
  expect(text).toContain(" 1 Nov ");
});

test("sums say what is due: paid and voided invoices ask for nothing", async () => {
  await using portal = await startTestPortal({ clock });
  const { page } = await withInvoices(portal, {
    "KA-1": { total: "100.00", balance: "40.00" },
    "KA-2": { total: "500.00", ...paid },
    "KA-3": { total: "900.00", balance: "900.00", status: "void" },
  });
  expect(textOf(await page("/invoices"))).toContain("3 of 3 invoices, still due EUR 40.00");
  expect(textOf(await page("/invoices?status=paid"))).toContain("1 of 1 invoice, nothing due");
});

test("a view and a filter both hold, and due dates narrow the list", async () => {
  await using portal = await startTestPortal({ clock });
  const { page } = await withInvoices(portal, {
    "KA-1": { dueOn: "2026-10-01" },
    "KA-2": { dueOn: "2026-11-22" },
    "KA-3": { dueOn: "2026-10-05", ...paid },
    "KA-4": { dueOn: "2026-12-24" },
  });
  expect(numbersIn(await page("/invoices?view=week&dueTo=2026-12-31"))).toEqual(["KA-2"]);
  expect(numbersIn(await page("/invoices?status=paid&late=31_60"))).toEqual([]);
  const contradiction = await page("/invoices?view=overdue&status=paid");
  expect(numbersIn(contradiction)).toEqual([]);
  expect(textOf(contradiction)).toContain("No invoice matches these filters");
  const due = await page("/invoices?dueFrom=2026-11-21&dueTo=2026-11-30");
  expect(numbersIn(due)).toEqual(["KA-2"]);
  expect(textOf(due)).toContain("Due from 21 Nov 2026");
  // A view keeps what the list is narrowed to and its order.
  const searched = await page("/invoices?q=KA&sort=-amount&status=paid");
  expect(searched).toContain('/invoices?view=overdue&amp;q=KA&amp;sort=-amount"');
  expect(searched).toContain('/invoices?view=disputed&amp;q=KA&amp;status=paid&amp;sort=-amount"');
});

test("a filter that the list does not know is refused, and empty ones leave the address", async () => {
  await using portal = await startTestPortal({ clock });
  const { cookie, at } = await withInvoices(portal, { "KA-1": {} });
  const open = (query: string) =>
    fetch(at(`/invoices?${query}`), { headers: { cookie }, redirect: "manual" });
  for (const query of [
    ...["status=quatsch", "view=mine", "late=soon", "disputed=no", "currency=EURO", "sort=colour"],
    ...["from=2026-13-01", "dueTo=tomorrow", "status=draft"],
  ]) {
    const answer = await open(query);
    expect(answer.status, query).toBe(400);
    expect(await answer.text(), query).toContain("This list knows no");
  }
  const answer = await open("q=KA&status=&disputed=&late=&from=&to=&sort=");
  expect(answer.status).toBe(302);
  expect(answer.headers.get("location")).toMatch(/^\/c\/[^/]+\/invoices\?q=KA$/);
});

test("prices, quantities and tax of lines are told as the reader writes numbers", async () => {
  await using portal = await startTestPortal({ clock });
  const { page } = await withInvoices(portal, {
    "KA-1": {
      total: "5000.00",
      balance: "5000.00",
      lines: [
        {
          description: "Anodising",
          quantity: "1742.5",
          unit: "m²",
          unitPrice: "2.390",
          net: "4165.20",
        },
      ],
    },
  });
  const german = portal.portal.writer.updateTable("user").set({ locale: "de-DE" });
  await german.where("email", "=", email).execute();
  const text = textOf(await page("/invoices/KA-1"));
  expect(text).toContain("1.742,5 m²");
  expect(text).toContain("2,390");
  expect(text).toContain("4.165,20");
});

test("the proof holds the newest events, and the page says what it holds", async () => {
  let now = clock();
  await using portal = await startTestPortal({ clock: () => now });
  const { page, cookie, at } = await withInvoices(portal, { "KA-1": {} });
  const id = await portal.invoiceId("KA-1");
  const proof = async () => {
    const answer = await fetch(at(`/invoices/${id}/proof`), { headers: { cookie } });
    expect(answer.status).toBe(200);
    const { events } = (await answer.json()) as { events: unknown[] };
    return events.length;
  };
  const pay = async (version: number) => {
    const told = { customer, balance: `${1000 - version}.00`, version };
    await portal.deliver("erp", invoiceIssued("KA-1", told));
    await portal.settled();
  };
  const told = await portal.events("KA-1");
  expect(await proof()).toBe(told.length);

  // One checkpoint a minute: meanwhile page and file agree on what is missing.
  await pay(2);
  const text = textOf(await page(`/invoices/${id}`));
  expect(text).toContain(`Events ${told.length + 1}`);
  expect(text).toMatch(new RegExp(`It holds ${told.length} of them, all from 10:01:00 UTC on`));
  expect(await proof()).toBe(told.length);
  now = new Date(now.getTime() + 61_000);
  expect(textOf(await page(`/invoices/${id}`))).not.toContain("It holds");
  expect(await proof()).toBe(told.length + 1);
});

test("a page that failed names what the log calls its failure", async () => {
  await using portal = await startTestPortal({ clock });
  const { cookie, at } = await withInvoices(portal, { "KA-1": {} });
  // A row that no version of the portal wrote.
  await portal.portal.writer.updateTable("invoices").set({ view: "{}" }).execute();
  const answer = await fetch(at(`/invoices/${await portal.invoiceId("KA-1")}`), {
    headers: { cookie },
  });
  expect(answer.status).toBe(500);
  const reference = answer.headers.get("x-reference") ?? "";
  expect(reference).toMatch(/^[0-9A-F]{10}$/);
  expect(textOf(await answer.text())).toContain(`please quote ${reference} .`);
});

test("researchers find whom to tell of a hole", async () => {
  await using portal = await startTestPortal({ clock });
  const answer = await fetch(`${portal.url}/.well-known/security.txt`);
  expect(answer.status).toBe(200);
  const text = await answer.text();
  expect(text).toMatch(/^Contact: (mailto:|https?:)\S+$/m);
  expect(text).toContain("Expires: 2027-09-16T00:00:00.000Z");
});

test("a fingerprint that is too short to compare is called so, and never wrong", async () => {
  await using portal = await startTestPortal({ clock });
  const { page } = await withInvoices(portal, { "KA-1": {} });
  const [event] = (await portal.events("KA-1")).slice(-1);
  const verify = async (hash = "") =>
    textOf(await page(`/verify?sequence=${event?.sequence}&hash=${hash}`));
  expect(await verify(event?.hash.slice(0, 7))).toContain("Too short to compare");
  expect(await verify(event?.hash.slice(0, 8))).toContain("This is the record, unchanged.");
  expect(await verify("00000000")).toContain("This fingerprint is not that of the record.");
});
