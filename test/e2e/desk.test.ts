import { expect, test, vi } from "vitest";
import { record } from "#server/ledger/record.ts";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { disputed } from "#test/support/disputed.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import type { TestPortal } from "#test/support/start-portal.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 180_000 });

/** One more dispute about another invoice of the same customer. */
async function disputeAlso(portal: TestPortal, number: string) {
  await portal.deliver("erp", invoiceIssued(number));
  await portal.settled();
  await record(portal.portal, {
    kind: "person",
    source: { kind: "user", user: "usr_buyer" },
    person: { id: "usr_buyer", name: "Ines de Wolf", side: "customer" },
    actions: [
      {
        kind: "open_dispute",
        invoiceId: await portal.invoiceId(number),
        reason: "price_incorrect",
        amount: 10000,
        lines: [],
        message: `About ${number}`,
      },
    ],
  });
}

test("what is half-written stays, over J and K, over tabs and over a colleague's closing", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  await disputeAlso(portal, "INV-2");
  const { cookie } = await portal.as("marit@kestrel.example");
  const ada = await portal.as("ada@kestrel.example");
  const browser = await launchBrowser();
  try {
    const viewport = { width: 1440, height: 900 };
    const context = await signedIn(browser, { url: portal.url, cookie }, { viewport });
    const page = await context.newPage();
    await page.goto(portal.url + path);
    await page.getByText(/^Live, /).waitFor();
    const text = page.locator("#compose textarea");
    await page.keyboard.press("r");
    await text.fill("We looked at the quotation");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.getByRole("heading", { level: 2, name: /price incorrect/ }).waitFor();
    await expect.poll(() => page.url()).not.toContain(path);
    await expect.poll(() => text.inputValue()).toBe("");
    await page.keyboard.press("k");
    await expect.poll(() => page.url()).toContain(path);
    await expect.poll(() => text.inputValue()).toBe("We looked at the quotation");
    await page.keyboard.press("n");
    await expect.poll(() => text.inputValue()).toBe("");
    await page.keyboard.press("Escape");
    await page.keyboard.press("e");
    await expect.poll(() => text.inputValue()).toBe("We looked at the quotation");
    expect(await page.getByLabel(/^Credit/).inputValue()).toBe("");

    const closed = await ada.post(path, { do: "reject", text: "It was agreed in May" });
    expect(closed.status).toBe(302);
    await page.getByText("This dispute was closed while you were writing").waitFor();
    await page.getByText("We looked at the quotation").waitFor();
    await page.getByRole("link", { name: "Open it again with these words" }).click();
    await expect.poll(() => text.inputValue()).toBe("We looked at the quotation");
    await text.focus();
    await page.keyboard.press("Control+Enter");
    await page.getByText("It is open again. The customer is told.").waitFor();
    expect(await portal.events("INV-1", "dispute.reopened")).toHaveLength(1);
    await expect.poll(() => text.inputValue()).toBe("");
    await page.reload();
    await page.getByText(/^Live, /).waitFor();
    expect(await text.inputValue()).toBe("");
  } finally {
    await browser.close();
  }
});

test("a page that is not there keeps the console's navigation and breaks no policy", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const { cookie } = await portal.as("marit@kestrel.example");
  const browser = await launchBrowser();
  try {
    const context = await signedIn(browser, { url: portal.url, cookie });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("console", (message) => {
      if (/policy|hydrat/i.test(message.text())) faults.push(message.text());
    });
    await page.goto(`${portal.url}/finance/deliveries/987654`);
    await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
    expect(await page.title()).toContain("There is nothing at this address");
    expect(await page.getByText("another of your companies").count()).toBe(0);
    await page.getByRole("link", { name: "Deliveries" }).click();
    await page.getByRole("heading", { name: "Deliveries" }).waitFor();
    await expect.poll(() => page.title()).toContain("Deliveries");
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
});

test("of closed disputes the last closed comes first", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  await disputeAlso(portal, "INV-2");
  const marit = await portal.as("marit@kestrel.example");
  const [second] = await portal.events("INV-2", "dispute.opened");
  if (second?.type !== "dispute.opened") throw new Error("no dispute");
  const other = `/finance/disputes/${second.data.dispute.id}`;
  await marit.post(other, { do: "reject", text: "No" });
  await marit.post(path, { do: "reject", text: "No" });
  const page = await marit.page("/finance/disputes?view=closed");
  expect(page.indexOf("INV-1,")).toBeLessThan(page.indexOf("INV-2,"));
});
