import type { BrowserContext } from "playwright-core";
import { expect, test, vi } from "vitest";
import { launchBrowser } from "#test/support/browser.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 180_000 });

const ines = "ines@meridian.example";
const bo = "bo@borealis.example";
const longName = "Aldermann Fassadenbau- und Aluminiumveredelungsgesellschaft mbH & Co. KG";

/** Ines of both companies and Bo of the second; an invoice each. */
async function twoCompanies(portal: TestPortal) {
  await portal.deliver("erp", invoiceIssued("KA-1", { customer: { id: "C-1", name: "Meridian" } }));
  await portal.deliver("erp", invoiceIssued("KA-2", { customer: { id: "C-2", name: longName } }));
  await portal.settled();
  const meridian = await portal.addCustomer("Meridian", ines);
  const other = await portal.addCustomer(longName, bo);
  const { db, writer } = portal.portal;
  const users = db.selectFrom("user").where("email", "=", ines).select("id");
  const { id: userId } = await users.executeTakeFirstOrThrow();
  const createdAt = new Date().toISOString();
  const member = { id: "mem_two", organizationId: other, userId, role: "admin", createdAt };
  await writer.insertInto("member").values(member).execute();
  return { meridian, other };
}

async function signIn(browsing: BrowserContext, portal: TestPortal, email: string) {
  const { cookie } = await portal.as(email);
  const [name = "", ...value] = cookie.split("=");
  await browsing.addCookies([{ name, value: value.join("="), url: portal.url }]);
}

test("two tabs show two companies, and each acts for its own", async () => {
  await using portal = await startTestPortal();
  const { meridian, other } = await twoCompanies(portal);
  const browser = await launchBrowser();
  try {
    const browsing = await browser.newContext();
    await signIn(browsing, portal, ines);
    const open = async (company: string) => {
      const tab = await browsing.newPage();
      await tab.goto(`${portal.url}/choose-customer`);
      await tab.getByRole("link", { name: company }).click();
      await tab.getByText(/^Live, /).waitFor();
      return tab;
    };
    const first = await open("Meridian");
    const second = await open(longName);
    await portal.deliver("erp", paymentReceived("KA-2", { id: "P-2", amount: "50.50" }));
    await second.getByRole("row").filter({ hasText: "KA-2" }).getByText("Partially paid").waitFor();
    await second.locator(".strip__sum").getByText("1,200.00").waitFor();
    await portal.deliver("erp", paymentReceived("KA-1", { id: "P-1", amount: "250.50" }));
    await first.getByRole("row").filter({ hasText: "KA-1" }).getByText("Partially paid").waitFor();
    // The sums above the rows are loaded again: they are those of the company that this tab shows.
    await first.locator(".strip__sum").getByText("1,000.00").waitFor();
    expect(await first.content()).not.toContain("KA-2");
    expect(await second.content()).not.toContain("KA-1");

    await first.getByRole("link", { name: "Settings", exact: true }).first().click();
    await first.getByLabel("Name", { exact: true }).fill("Piet de Boer");
    await first.getByLabel("E-mail address").fill("piet@meridian.example");
    await first.getByRole("button", { name: "Send the invitation" }).click();
    await first.getByText("The invitation is on its way.").waitFor();
    const invitations = portal.portal.db.selectFrom("invitation").select("organizationId");
    expect(await invitations.execute()).toEqual([{ organizationId: meridian }]);
    expect(other).not.toBe(meridian);
  } finally {
    await browser.close();
  }
});

test("a page is never filled for another person who signed in in the same browser", async () => {
  await using portal = await startTestPortal();
  const { other } = await twoCompanies(portal);
  const browser = await launchBrowser();
  try {
    const browsing = await browser.newContext();
    await signIn(browsing, portal, ines);
    const page = await browsing.newPage();
    const id = await portal.invoiceId("KA-2");
    await page.goto(`${portal.url}/c/${other}/invoices/${id}`);
    await page.getByText(/^Live, /).waitFor();
    await page.locator("textarea").first().fill("Written by Ines");
    await signIn(browsing, portal, bo);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText(`${bo} signed in in this browser meanwhile`).waitFor();
    expect(await page.locator("textarea").first().inputValue()).toBe("Written by Ines");
    expect(await portal.events("KA-2", "comment.added")).toEqual([]);
    // A load draws the whole page anew, for the person who is signed in now.
    await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
    await page.getByRole("link", { name: "Disputes" }).first().click();
    await page.getByRole("heading", { name: "Disputes" }).waitFor();
    expect(await page.getAttribute("body", "data-same-page")).toBeNull();
    expect(await page.locator(".menu__box").textContent()).toContain(bo);
  } finally {
    await browser.close();
  }
});

test.each([1440, 390, 320])(
  "a long company name fits at %i px, and the frame names it",
  async (width) => {
    await using portal = await startTestPortal();
    const { other } = await twoCompanies(portal);
    const browser = await launchBrowser();
    try {
      const browsing = await browser.newContext({ viewport: { width, height: 800 } });
      await signIn(browsing, portal, ines);
      const page = await browsing.newPage();
      for (const path of ["/choose-customer", `/c/${other}/invoices`]) {
        await page.goto(portal.url + path);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth),
          path,
        ).toBeLessThanOrEqual(width);
      }
      const name = page.locator(".who__name");
      expect(await name.innerText()).toBe(longName);
      await name.click();
      await page.getByRole("link", { name: "Another company" }).waitFor();
      await page.goto(`${portal.url}/choose-customer`);
      const link = page.getByRole("link", { name: longName });
      const fits = await link.evaluate((box) => box.scrollWidth <= box.clientWidth);
      expect(fits).toBe(true);
    } finally {
      await browser.close();
    }
  },
);

test.each([
  ["as usual", {}],
  ["without WebSocket", { blocked: true }],
  ["without JavaScript", { javaScriptEnabled: false }],
])(
  "Back after signing out shows nothing, %s",
  async (
    _,
    {
      blocked = false,
      ...settings
    }: {
      blocked?: boolean;
      javaScriptEnabled?: boolean;
    },
  ) => {
    await using portal = await startTestPortal();
    const { meridian } = await twoCompanies(portal);
    const browser = await launchBrowser();
    try {
      const browsing = await browser.newContext(settings);
      if (blocked) await browsing.route("**/live/**", (route) => route.abort());
      await signIn(browsing, portal, ines);
      const page = await browsing.newPage();
      await page.goto(`${portal.url}/c/${meridian}/invoices`);
      expect(await page.content()).toContain("KA-1");
      await page.goto("about:blank");
      const other = await browsing.newPage();
      await other.goto(`${portal.url}/c/${meridian}/disputes`);
      await other.locator("footer").getByRole("button", { name: "Sign out" }).click();
      await other.waitForURL(/\/sign-in/);
      await page.goBack();
      await page.waitForURL(/\/sign-in/);
      expect(await page.content()).not.toContain("KA-1");
    } finally {
      await browser.close();
    }
  },
);
