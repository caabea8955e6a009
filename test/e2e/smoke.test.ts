import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ines } from "#demo/supplier.ts";
import { openDemo } from "#test/support/open-demo.ts";

type Opened = Awaited<ReturnType<typeof openDemo>>;
let close: Opened["close"] | undefined;
let demo: Opened["demo"];
let browser: Opened["browser"];
let page: Page;

beforeAll(async () => {
  ({ demo, browser, close } = await openDemo());
  page = await browser.newPage();
}, 120_000);

afterAll(() => close?.());

/** Presses a button of the ERP's own pages. */
async function inErp(path: string, form: Record<string, string>): Promise<void> {
  const body = new URLSearchParams(form);
  const answer = await fetch(demo.erpUrl + path, { method: "POST", body, redirect: "manual" });
  expect(answer.status).toBe(303);
}

/** Undisputed invoices of Ines's company that nothing was paid on, the first of the list first. */
async function openInvoices() {
  return demo.portal.db
    .selectFrom("invoices")
    .where("customer_name", "=", "Meridian Façade Systems Group B.V.")
    .where("status", "=", "open")
    .where("dispute", "=", "none")
    .select(["id", "number", "external_id"])
    .orderBy("due_on", "desc")
    .limit(2)
    .execute();
}

test("from webhook to page, from dispute to accounting and back, live and by mail", async () => {
  const [paid, disputed] = await openInvoices();
  if (!paid || !disputed) throw new Error("The demo has no open invoices");

  await page.goto(`${demo.url}/demo/sign-in/customer`);
  await page.getByRole("button", { name: `Sign in as ${ines.name}` }).click();
  await page.waitForURL(/\/c\/[^/]+\/invoices$/);
  await page.getByText(/^Live, /).waitFor();

  // A signed webhook changes the row while the page stays as it is.
  await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
  const row = page.getByRole("row").filter({ hasText: paid.number });
  expect(await row.innerText()).toContain("Open");
  const sums = page.locator(".strip__bars");
  const before = await sums.innerText();
  const payment = { do: "full", amount: "1", method: "bank_transfer", reference: paid.number };
  await inErp(`/invoices/${paid.external_id}/payment`, payment);
  await row.getByText("Paid").waitFor();
  await expect.poll(() => sums.innerText()).not.toBe(before);
  expect(await page.getAttribute("body", "data-same-page")).toBe("yes");

  // A dispute reaches accounting, and the page hears of it.
  await page.goto(`${demo.url}/invoices/${disputed.id}/dispute`);
  await page.getByLabel("Reason").selectOption("price_incorrect");
  await page.getByLabel("Message").fill("The quotation says 2.70 per m².");
  await page.getByRole("button", { name: "Open the dispute" }).click();
  await page.waitForURL(/\/disputes\/D-/);
  await page.getByText(/received by Kestrel ERP as CASE-\d+/).waitFor();

  // Accounting resolves it in its own system.
  const dispute = await demo.portal.db
    .selectFrom("disputes")
    .where("invoice_id", "=", disputed.id)
    .select("id")
    .executeTakeFirstOrThrow();
  await inErp(`/invoices/${disputed.external_id}/disputes/${dispute.id}`, {
    do: "resolve",
    message: "The old price list was used.",
    credited: "10",
  });
  await page.getByText("Resolved").first().waitFor();
  await page.getByText("The old price list was used.").first().waitFor();

  // Every step was mailed.
  const mails = () => demo.portal.db.selectFrom("caught_mails").select("recipient").execute();
  await expect.poll(mails, { timeout: 20_000 }).toContainEqual({ recipient: ines.email });
  await page.goto(`${demo.url}/dev/mail`);
  await page.getByText(paid.number).first().waitFor();
}, 120_000);
