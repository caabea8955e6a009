import { expect, test } from "vitest";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "./support/standard-event.ts";

const email = "ines@meridian.example";
const customer = { id: "C-1", name: "Meridian" };

function textOf(html: string): string {
  return html
    .replaceAll(/<(script|style|noscript)[\s\S]*?<\/\1>/g, " ")
    .replaceAll("<!-- -->", "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/(\d) ([.,])/g, "$1$2");
}

const updated = (number: string, version: number, told: object, type = "invoice.updated") => ({
  type,
  timestamp: `2026-11-0${version + 1}T09:00:00.000Z`,
  data: { invoice: { number, externalId: `ext-${number}`, currency: "EUR", version, ...told } },
});

async function withInvoices(portal: TestPortal, ...numbers: string[]) {
  for (const number of numbers) {
    const told = { customer, total: "1000.00", balance: "1000.00", dueOn: "2099-12-20" };
    await portal.deliver("erp", invoiceIssued(number, told));
  }
  await portal.settled();
  await portal.addCustomer("Meridian", email);
  return portal.as(email);
}

test("what was settled otherwise is part of the total, in the list and on the invoice", async () => {
  await using portal = await startTestPortal();
  const { page } = await withInvoices(portal, "T-1");
  await portal.deliver("erp", updated("T-1", 2, { balance: "700.00" }));
  await portal.settled();
  const text = textOf(await page("/invoices/T-1"));
  expect(await page("/invoices/T-1")).toContain(
    'aria-label="In EUR: Settled otherwise 300.00, Payable now 700.00"',
  );
  expect(text).toContain("Partly settled");
  expect(textOf(await page("/invoices"))).toContain("300.00 of 1,000.00");
  expect(textOf(await page("/invoices/T-1/dispute"))).toContain("Settled otherwise EUR 300.00");
});

test.each([
  ["void", "Voided"],
  ["written_off", "Written off"],
])(
  "what was settled before an invoice became %s is not counted with the rest",
  async (status, word) => {
    await using portal = await startTestPortal();
    const { page } = await withInvoices(portal, "T-1");
    await portal.deliver("erp", updated("T-1", 2, { balance: "700.00" }));
    await portal.deliver("erp", updated("T-1", 3, { status }));
    await portal.settled();
    expect(await page("/invoices/T-1")).toContain(
      `aria-label="In EUR: Settled otherwise 300.00, ${word} 700.00"`,
    );
  },
);

test("the sums of a page are one: what was overpaid is a credit and lowers nothing that is due", async () => {
  await using portal = await startTestPortal();
  const { page } = await withInvoices(portal, "T-1", "T-2");
  const paid = paymentReceived("T-2", { id: "P", amount: "1200.00" });
  await portal.deliver("erp", paid);
  await portal.settled();
  const list = textOf(await page("/invoices"));
  expect(list).toContain("2 of 2 invoices, still due EUR 1,000.00, credit EUR 200.00");
  expect(list).not.toContain("due 20 Dec 2099 Paid");
  const credits = textOf(await page("/invoices?status=paid"));
  expect(credits).toContain("1 of 1 invoice, nothing due, credit EUR 200.00");
  const invoice = textOf(await page("/invoices/T-2"));
  expect(invoice).toContain("Credit 200.00");
  expect(invoice).not.toContain("Still due");
});

test("a changed sum says from what to what", async () => {
  await using portal = await startTestPortal();
  const { page } = await withInvoices(portal, "T-1");
  await portal.deliver("erp", updated("T-1", 2, { total: "1500.00", balance: "1500.00" }));
  await portal.settled();
  const text = textOf(await page("/invoices/T-1"));
  expect(text).toContain("total from EUR 1,000.00 to EUR 1,500.00");
  expect(text).toContain("amount due from EUR 1,000.00 to EUR 1,500.00");
});

test("as of when a system spoke does not change by what people do here", async () => {
  let now = new Date("2026-11-20T10:00:00.000Z");
  await using portal = await startTestPortal({ clock: () => now });
  const { page, post } = await withInvoices(portal, "T-1");
  now = new Date("2026-11-20T12:00:00.000Z");
  await post("/invoices/T-1", { do: "promise", promisedOn: "2026-12-20", amount: "" });
  await portal.settled();
  const text = textOf(await page("/invoices/T-1"));
  expect(text).toContain("promised EUR 1,000.00");
  expect(text).toMatch(/Known from Standard Webhooks as of 20 Nov 10:00 UTC/);
});

test("an invoice is partially paid once money came, and partly settled where none did", async () => {
  await using portal = await startTestPortal();
  const { page } = await withInvoices(portal, "PAID-1", "LESS-1");
  await portal.deliver("erp", updated("LESS-1", 2, { balance: "700.00" }));
  await portal.deliver("erp", paymentReceived("PAID-1", { id: "P-1", amount: "300.00" }));
  await portal.settled();
  const statusOn = async (path: string) =>
    /class="mark mark--partially_paid">.*?class="mark__word">([^<]*)</.exec(await page(path))?.[1];
  expect(await statusOn("/invoices/PAID-1")).toBe("Partially paid");
  expect(await statusOn("/invoices/LESS-1")).toBe("Partly settled");
  expect(await statusOn("/invoices?q=PAID-1")).toBe("Partially paid");
  expect(await statusOn("/invoices?q=LESS-1")).toBe("Partly settled");
  const both = textOf(await page("/invoices?status=partially_paid"));
  for (const words of ["PAID-1", "LESS-1", "Status Partially paid or settled"]) {
    expect(both).toContain(words);
  }
  await portal.deliver("erp", paymentReceived("LESS-1", { id: "P-2", amount: "100.00" }));
  await portal.settled();
  expect(await statusOn("/invoices/LESS-1")).toBe("Partially paid");
});

test("an invoice over nothing says that there is nothing to pay, and not that it was paid", async () => {
  await using portal = await startTestPortal();
  const { page } = await withInvoices(portal, "T-1");
  await portal.deliver("erp", updated("T-1", 2, { total: "0.00", balance: "0.00" }));
  await portal.settled();
  const invoice = textOf(await page("/invoices/T-1"));
  expect(invoice).toContain("Nothing to pay");
  expect(invoice).not.toMatch(/\bPaid\b/);
  expect(textOf(await page("/invoices"))).toContain("Nothing to pay");
});
