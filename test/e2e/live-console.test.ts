import type { Page } from "playwright-core";
import { expect, test, vi } from "vitest";
import { record } from "#server/ledger/record.ts";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { disputed } from "#test/support/disputed.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

const lists = [
  "/finance/disputes",
  "/finance/customers",
  "/finance/records",
  "/finance/connections",
  "/finance/deliveries",
  "/finance/deliveries/unmatched",
  "/finance/outbox",
  "/finance/mail",
  "/finance/audit",
];

test("every list of the console that says Live shows what happened, and says nothing to the console", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const { cookie } = await portal.as("marit@kestrel.example");
  const browser = await launchBrowser();
  try {
    const context = await signedIn(browser, { url: portal.url, cookie });
    const faults: string[] = [];
    const open = async (path: string): Promise<[string, Page]> => {
      const page = await context.newPage();
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(`${path}: ${message.text()}`);
      });
      page.on("pageerror", (error) => faults.push(`${path}: ${error}`));
      await page.goto(portal.url + path);
      await page.getByText(/^Live, /).waitFor();
      await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
      return [path, page];
    };
    const pages: [string, Page][] = [];
    for (const path of lists) pages.push(await open(path));

    await portal.deliver(
      "erp",
      invoiceIssued("INV-2", { customer: { id: "C-9", name: "Zenith" } }),
    );
    await portal.deliver("erp", invoiceIssued("INV-3", { total: "70000.00", balance: "70000.00" }));
    await portal.deliver("erp", { type: "payment.received", data: {} });
    const payment = {
      id: "PAY-77",
      amount: "5.00",
      currency: "EUR",
      at: "2026-11-05T09:00:00.000Z",
    };
    const unknown = { number: "9999", externalId: "ext-9999", currency: "EUR" };
    await portal.deliver("erp", {
      type: "payment.received",
      timestamp: "2026-11-05T09:00:00.000Z",
      data: { invoice: unknown, payment },
    });
    await record(portal.portal, {
      kind: "person",
      source: { kind: "user", user: "usr_buyer" },
      person: { id: "usr_buyer", name: "Ines de Wolf", side: "customer" },
      actions: [{ kind: "comment", invoiceId: await portal.invoiceId("INV-1"), text: "Thank you" }],
    });
    await portal.settled();

    const shows: Record<string, string | RegExp> = {
      "/finance/disputes": "1 open",
      "/finance/customers": "71,250.50",
      "/finance/records": "Zenith",
      "/finance/connections": /^[45]$/,
      "/finance/deliveries": "2 changes wait for their invoice",
      "/finance/deliveries/unmatched": "9999",
      "/finance/outbox": /comment/i,
      "/finance/mail": /comment/i,
      "/finance/audit": "INV-3",
    };
    for (const [path, page] of pages) {
      await page
        .getByText(shows[path] ?? "")
        .first()
        .waitFor();
      const rail = page.getByRole("navigation", { name: "Finance" });
      await rail.getByRole("link", { name: /^Customer records ?1$/ }).waitFor();
      await rail.getByRole("link", { name: /^Deliveries ?1$/ }).waitFor();
      expect(await page.getAttribute("body", "data-same-page"), path).toBe("yes");
    }
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
});
