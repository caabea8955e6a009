import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { expect, onTestFinished, test, vi } from "vitest";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

const email = "ines@meridian.example";

/** A portal with one invoice, a way to start it again at the same address, and a customer's browser. */
async function open() {
  const dataDir = await mkdtemp(join(tmpdir(), "portal-restart-"));
  const browser = await launchBrowser();
  let portal: TestPortal | undefined;
  onTestFinished(async () => {
    await browser.close();
    await portal?.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const start = async (environment: Record<string, string> = {}) => {
    portal = await startTestPortal({ dataDir, environment });
    return portal;
  };
  const first = await start();
  const customer = { id: "C-1", name: "Meridian" };
  await first.deliver("erp", invoiceIssued("KA-1", { customer }));
  await first.settled();
  await first.addCustomer(customer.name, email);
  const { cookie } = await first.as(email);
  const pages = await signedIn(browser, { url: first.url, cookie });
  const { port } = new URL(first.url);
  const again = async () => {
    const next = await start({ PORT: port });
    expect(next.url).toBe(first.url);
    return next;
  };
  return { first, again, pages };
}

async function live(pages: BrowserContext, url: string) {
  const page = await pages.newPage();
  await page.goto(url);
  await page.getByText(/^Live, /).waitFor();
  await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
  return page;
}

test("a restart costs no open page: it goes on, with what was typed, and is live again", async () => {
  const { first, again, pages } = await open();
  const list = await live(pages, `${first.url}/disputes`);
  await list.getByRole("link", { name: "Invoices", exact: true }).click();
  await list.waitForURL(/\/invoices$/);
  const form = await live(pages, `${first.url}/invoices/${await first.invoiceId("KA-1")}/dispute`);
  await form.getByLabel("Reason").selectOption({ index: 1 });
  await form.getByLabel("Message").fill("The price is not what we agreed.");

  await first.close();
  // Whoever sends and moves on just now does so as soon as the portal is back.
  await form.getByRole("button", { name: "Open the dispute" }).click();
  await list.getByRole("link", { name: /^Disputes/ }).click();
  const next = await again();
  await form.getByText("The price is not what we agreed.").first().waitFor();
  await form.waitForURL(/\/disputes\/|\/invoices\/[^/]+$/);
  await list.waitForURL(/\/disputes$/);

  const rows = await next.portal.db.selectFrom("disputes").select("id").execute();
  expect(rows).toHaveLength(1);
  await list.getByRole("link", { name: "Invoices", exact: true }).click();
  await list.getByText(/^Live, /).waitFor();
  await next.deliver("erp", paymentReceived("KA-1", { id: "P-1", amount: "250.50" }));
  await list.getByRole("row").filter({ hasText: "KA-1" }).getByText("Partially paid").waitFor();
  expect(await list.getAttribute("body", "data-same-page")).toBe("yes");
});

test("a page that was given up comes back by itself", async () => {
  const { first, again, pages } = await open();
  const page = await pages.newPage();
  await page.clock.install();
  await page.goto(`${first.url}/disputes`);
  await page.getByRole("link", { name: "Invoices", exact: true }).click();
  await page.waitForURL(/\/invoices$/);
  await first.close();
  await page.getByRole("link", { name: /^Disputes/ }).click();
  await expect
    .poll(async () => {
      await page.clock.runFor(5_000);
      return page.getByText("The portal did not answer").count();
    })
    .toBe(1);
  await again();
  await expect
    .poll(async () => {
      await page.clock.runFor(5_000);
      return page.getByRole("heading", { name: "Disputes" }).count();
    })
    .toBe(1);
});

test("a page whose session ended while the portal was away leads to signing in", async () => {
  const { first, again, pages } = await open();
  const page = await live(pages, `${first.url}/invoices`);
  await first.portal.writer.deleteFrom("session").execute();
  await first.close();
  await again();
  await page.waitForURL(/\/sign-in/);
});
