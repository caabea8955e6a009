import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const email = "ines@meridian.example";
const customer = { id: "C-1", name: "Meridian" };
const arabic = "أنودة الألمنيوم – 20 µm";
const lines = [
  { id: "1", description: arabic, quantity: "2", unitPrice: "300", net: "600.00", taxRate: "21" },
  { id: "2", description: "Masking", quantity: "4", unitPrice: "100", net: "400.00", taxRate: "9" },
];

let portal: TestPortal;
let browser: Browser;
let ines: Awaited<ReturnType<TestPortal["as"]>>;

beforeAll(async () => {
  portal = await startTestPortal();
  for (const number of ["LATE-1", "LATE-2", "LATE-3"]) {
    await portal.deliver(
      "erp",
      invoiceIssued(number, { customer, dueOn: "2026-11-10", status: "overdue" }),
    );
  }
  for (const number of ["TAX-1", "ALL-1", "PART-1", "NET-1"]) {
    const total = { total: "1162.00", balance: "1162.00" };
    await portal.deliver(
      "erp",
      invoiceIssued(number, { customer, lines, ...total, dueOn: "2099-01-15" }),
    );
  }
  await portal.settled();
  await portal.addCustomer(customer.name, email);
  ines = await portal.as(email);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

async function open(path: string, width = 1440): Promise<Page> {
  const { url } = portal;
  const viewport = { width, height: 900 };
  const context = await signedIn(browser, { url, cookie: ines.cookie }, { viewport });
  const page = await context.newPage();
  await page.goto(ines.at(path));
  await page.getByText(/^Live, /).waitFor();
  return page;
}

const invoicePath = async (number: string) => `/invoices/${await portal.invoiceId(number)}`;

const dispute = (number: string, form: Record<string, string>) =>
  ines.post(`/invoices/${number}/dispute`, { reason: "price_incorrect", message: "No", ...form });

test("a row that is paid while its view is open stays, and the count is of what was loaded", async () => {
  const page = await open("/invoices?view=overdue");
  const pager = page.getByText(/3 of 3 invoices/);
  await pager.waitFor();
  await portal.deliver("erp", paymentReceived("LATE-1", { id: "L-1", amount: "1250.50" }));
  await page.getByText("1 row changed since you opened this list").waitFor();
  await page.getByText(/3 of 3 invoices, 2 match now/).waitFor();
  await page.getByRole("button", { name: "Show only changed" }).click();
  await page.getByText(/1 changed of 3 invoices/).waitFor();
  await page.context().close();
});

test("an invoice says what its sum was until when, and marks the figure", async () => {
  const page = await open(await invoicePath("NET-1"));
  await portal.deliver("erp", paymentReceived("NET-1", { id: "N-1", amount: "162.00" }));
  const was = page.locator(".was-figure");
  await expect.poll(() => was.innerText()).toMatch(/^was EUR\s?1,162\.00 until \d\d:\d\d:\d\d/);
  await page.getByText("Partially paid").first().waitFor();
  await page.context().close();
});

test("an invoice tells the tax of each line and the sum of each rate", async () => {
  const page = await open(await invoicePath("TAX-1"));
  const table = page.locator("#lines table");
  const rows = await table.locator("tbody tr").allInnerTexts();
  expect(rows[0]).toContain("VAT 21 %");
  expect(rows[1]).toContain("VAT 9 %");
  const sums = (await table.locator("tfoot tr").allInnerTexts()).map((row) =>
    row.replaceAll(/\s+/g, " ").trim(),
  );
  expect(sums).toEqual([
    "Net 1,000.00",
    "VAT 21 % 126.00",
    "VAT 9 % 36.00",
    expect.stringMatching(/1,162\.00$/),
  ]);
  await page.context().close();
});

test("a description from right to left is one run of text of its own", async () => {
  const page = await open(await invoicePath("TAX-1"));
  const text = page.locator("#lines bdi").filter({ hasText: "أنودة" }).first();
  expect(await text.innerText()).toBe(arabic);
  const places = await text.evaluate((element) => {
    const [node] = element.childNodes;
    const content = node?.textContent ?? "";
    const leftOf = (part: string) => {
      const range = document.createRange();
      if (!node) return 0;
      range.setStart(node, content.indexOf(part));
      range.setEnd(node, content.indexOf(part) + part.length);
      return range.getBoundingClientRect().left;
    };
    return {
      direction: getComputedStyle(element).direction,
      words: leftOf("أنودة"),
      unit: leftOf("20 µm"),
    };
  });
  // "20 µm" ends the sentence: it stands left of the words, number and unit together.
  expect(places.direction).toBe("rtl");
  expect(places.unit).toBeLessThan(places.words);
  await page.context().close();
});

test("a printed invoice says whose it is, for whom and as of when, and no button", async () => {
  const page = await open(await invoicePath("TAX-1"));
  await page.emulateMedia({ media: "print" });
  const head = await page.locator(".printed").innerText();
  expect(head).toContain("Your supplier");
  expect(head).toContain("For Meridian");
  expect(head).toMatch(/As of \d{1,2} \w{3}/);
  for (const name of ["Download the proof", "Dispute"]) {
    expect(await page.getByRole("link", { name, exact: true }).isVisible()).toBe(false);
  }
  expect(await page.getByRole("button", { name: "Send" }).isVisible()).toBe(false);
  await page.context().close();
});

test("a form that is being sent says so and is sent once", async () => {
  const page = await open(await invoicePath("TAX-1"));
  let sent = 0;
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  await page.route(/\/invoices\/.*\.data/, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent += 1;
    await held;
    return route.continue();
  });
  await page.getByRole("textbox").last().fill("Where is the delivery note?");
  const form = page
    .locator("form")
    .filter({ has: page.getByRole("textbox") })
    .last();
  const button = form.locator("button").first();
  await button.click();
  await form.getByText("Sending", { exact: true }).waitFor({ state: "attached" });
  expect(await button.getAttribute("data-pending")).not.toBeNull();
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  await button.click({ force: true });
  go();
  await page.getByText("Where is the delivery note?").first().waitFor();
  await expect.poll(() => button.getAttribute("data-pending")).toBeNull();
  expect(sent).toBe(1);
  await page.context().close();
});

test("a dispute form shows what is in dispute already, and does not ask for what is refused", async () => {
  expect((await dispute("ALL-1", { part: "whole" })).status).toBe(302);
  const all = await open(`${await invoicePath("ALL-1")}/dispute`);
  await all.getByText("D-ALL-1-01 is still open about this invoice.").waitFor();
  expect(await all.getByRole("button", { name: "Open the dispute" }).count()).toBe(0);
  await all.context().close();

  expect((await dispute("PART-1", { part: "lines", line: "1" })).status).toBe(302);
  const part = await open(`${await invoicePath("PART-1")}/dispute`);
  await part.getByText("in dispute with D-PART-1-01").waitFor();
  expect(await part.getByRole("checkbox", { name: arabic }).isDisabled()).toBe(true);
  expect(await part.getByRole("checkbox", { name: "Masking" }).isEnabled()).toBe(true);
  expect(await part.getByText("The whole invoice").count()).toBe(0);
  await part.context().close();
});

test("on a phone the dispute form labels its fields and says what it does before it is sent", async () => {
  const page = await open(`${await invoicePath("TAX-1")}/dispute`, 390);
  await page.getByLabel("Reason").selectOption("price_incorrect");
  await page.getByText("Single lines").click();
  // What is thought correct is asked for ticked lines only.
  await page.getByRole("checkbox", { name: "Masking" }).check();
  const label = page.locator(".pickline__label").filter({ hasText: "Masking" });
  await label.waitFor();
  expect(await label.innerText()).toContain("Correct price");
  const top = async (text: string) =>
    (await page.getByText(text, { exact: true }).first().boundingBox())?.y ?? Number.NaN;
  expect(await top("What this does")).toBeLessThan(await top("Open the dispute"));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await page.context().close();
});

test("while the portal is away a press on a row keeps the list, and leads on once it is back", async () => {
  const page = await open("/invoices");
  const list = page.url();
  // The scripts of the pages beside it are fetched once the browser has nothing else to do.
  await page.waitForFunction(() => {
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    const route = window.__remixManifest.routes["routes/c.$customer.invoices.$id"];
    const files = route ? [route.module, ...(route.imports ?? [])] : [];
    return files.length > 0 && files.every((file) => loaded.includes(new URL(file, origin).href));
  });
  await page.context().setOffline(true);
  await page.getByRole("row").getByRole("link", { name: "TAX-1" }).click();
  // Longer than a browser takes to put its own page of errors there.
  await page.waitForTimeout(2_000);
  expect(page.url()).toBe(list);
  expect(await page.getByRole("row").getByRole("link", { name: "TAX-1" }).isVisible()).toBe(true);
  await page.context().setOffline(false);
  await page.waitForURL(/\/invoices\/inv_/);
  await page.getByRole("heading", { name: "TAX-1" }).waitFor();
  await page.context().close();
});
