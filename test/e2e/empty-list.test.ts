import { expect, test, vi } from "vitest";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { startTestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

const email = "ines@meridian.example";
const customer = { id: "C-1", name: "Meridian" };

test("what an empty view says it has not appears in it while the page stays as it is", async () => {
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("KA-1", { customer }));
  await portal.settled();
  await portal.addCustomer(customer.name, email);
  const { cookie } = await portal.as(email);
  const browser = await launchBrowser();
  try {
    const page = await (await signedIn(browser, { url: portal.url, cookie })).newPage();
    await page.goto(`${portal.url}/invoices?view=overdue`);
    await page.getByText("No invoice is in this view today.").waitFor();
    await page.getByText(/^Live, /).waitFor();
    await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));

    const late = { customer, dueOn: "2026-01-02", status: "overdue", version: 2 };
    await portal.deliver("erp", { ...invoiceIssued("KA-1", late), type: "invoice.overdue" });
    await page.getByRole("row").filter({ hasText: "KA-1" }).getByText("Overdue").waitFor();
    expect(await page.getByText("No invoice is in this view today.").count()).toBe(0);
    expect(await page.getAttribute("body", "data-same-page")).toBe("yes");
  } finally {
    await browser.close();
  }
});
