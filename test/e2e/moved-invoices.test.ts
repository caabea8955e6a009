import { expect, test, vi } from "vitest";
import { linkRecord, unlinkRecord } from "#server/customers/link-record.ts";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { startTestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

const email = "ines@meridian.example";
const finance = { kind: "operator", name: "test" } as const;

test("invoices leave an open page with their customer record, and come with it", async () => {
  await using portal = await startTestPortal();
  const name = "Meridian";
  await portal.deliver("erp", invoiceIssued("KA-1", { customer: { id: "C-1", name } }));
  await portal.settled();
  const customer = await portal.addCustomer(name, email);
  const records = await portal.portal.db.selectFrom("customer_records").select("id").execute();
  const record = records[0]?.id ?? "";
  const { cookie } = await portal.as(email);
  const browser = await launchBrowser();
  try {
    const open = async (path: string) => {
      const page = await (await signedIn(browser, { url: portal.url, cookie })).newPage();
      await page.goto(portal.url + path);
      await page.getByText(/^Live, /).waitFor();
      await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
      return page;
    };
    const list = await open("/invoices");
    const invoice = await open(`/invoices/${await portal.invoiceId("KA-1")}`);
    const row = list.getByRole("row").filter({ hasText: "KA-1" });
    expect(await row.count()).toBe(1);

    await unlinkRecord(portal.portal, finance, record);
    await list.getByText("No invoices yet").waitFor();
    expect(await row.count()).toBe(0);
    await expect.poll(() => invoice.getByText("KA-1").count()).toBe(0);
    await invoice.getByRole("heading").first().waitFor();

    await linkRecord(portal.portal, finance, { record, customer });
    await row.waitFor();
    expect(await list.getAttribute("body", "data-same-page")).toBe("yes");
  } finally {
    await browser.close();
  }
});
