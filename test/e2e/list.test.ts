import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const email = "ines@meridian.example";
const customer = { id: "C-1", name: "Meridian" };
const longPo = "PO-".padEnd(60, "4500102101");

let portal: TestPortal;
let browser: Browser;
let cookie: string;
/** Of the company's pages. */
let home: string;

beforeAll(async () => {
  portal = await startTestPortal();
  for (let number = 1; number <= 12; number++) {
    const references = [{ kind: "po", value: number === 3 ? longPo : `4500-${number}` }];
    const told = { customer, references, description: "Anodising", dueOn: "2030-01-15" };
    await portal.deliver("erp", invoiceIssued(`KA-${number}`, told));
  }
  await portal.settled();
  await portal.addCustomer(customer.name, email);
  const signedIn = await portal.as(email);
  ({ cookie } = signedIn);
  home = new URL(signedIn.at("/invoices")).pathname.replace("/invoices", "");
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

async function open(path: string, width = 1440, url = portal.url): Promise<Page> {
  const context = await signedIn(browser, { url, cookie }, { viewport: { width, height: 900 } });
  const page = await context.newPage();
  await page.goto(url + home + path);
  await page.getByText(/^Live, /).waitFor();
  return page;
}

/** Counts what moves without the reader's doing, from now on. */
async function watchShifts(page: Page) {
  await page.evaluate(() => {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const moved = Number(document.body.dataset["moved"] ?? 0);
        document.body.dataset["moved"] = String(
          moved + (entry as never as { value: number }).value,
        );
      }
    });
    observer.observe({ type: "layout-shift" });
  });
  return () => page.evaluate(() => Number(document.body.dataset["moved"] ?? 0));
}

test.each([1440, 900, 390, 320])("a live change moves nothing at %i px", async (width) => {
  const page = await open("/invoices", width);
  const moved = await watchShifts(page);
  const number = { 1440: 5, 900: 6, 390: 7, 320: 8 }[width] ?? 9;
  await portal.deliver(
    "erp",
    paymentReceived(`KA-${number}`, { id: `P-${number}`, amount: "1.00" }),
  );
  await page.getByText("1 row changed since you opened this list").waitFor();
  await page.getByText("was 1,250.50").locator("visible=true").first().waitFor();
  expect(await moved()).toBe(0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await page.close();
});

/** Of an A4 sheet between its margins, in pixels. */
const sheetWidth = 673;

test("the printed list has its numbers and amounts whole on a sheet of A4", async () => {
  const page = await open("/invoices", sheetWidth);
  await page.emulateMedia({ media: "print" });
  const table = page.locator("table.ledger--fixed");
  const width = await table.evaluate((element) => element.getBoundingClientRect().width);
  expect(width).toBeLessThanOrEqual(sheetWidth);
  const number = table.getByText("KA-1", { exact: true });
  const lines = await number.evaluate((element) => element.getClientRects().length);
  expect(lines).toBe(1);
  const ends = await table
    .locator("tbody td:last-child")
    .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().right));
  expect(Math.max(...ends)).toBeLessThanOrEqual(sheetWidth);
  await page.context().close();
});

test("what opens over the page closes by Escape and by a press outside", async () => {
  const page = await open("/invoices");
  const panel = page.locator("details.tools__more");
  for (const close of [
    () => page.keyboard.press("Escape"),
    () => page.locator("h1").click(),
    () => page.getByRole("searchbox").focus(),
  ]) {
    await panel.locator("summary").click();
    expect(await panel.getAttribute("open")).not.toBeNull();
    await close();
    expect(await panel.getAttribute("open")).toBeNull();
  }
  await page.close();
});

test("the focus stays in the search, goes to the title of a new page, and the list is kept", async () => {
  const page = await open("/invoices?sort=-amount");
  const focused = () => page.evaluate(() => document.activeElement?.tagName);
  await page.getByRole("searchbox").fill("KA-1");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=KA-1/);
  expect(await focused()).toBe("INPUT");
  await page.getByRole("row").getByRole("link", { name: "KA-11" }).click();
  await page.waitForURL(/\/invoices\/inv_/);
  await expect.poll(focused).toBe("H1");
  await page.getByRole("link", { name: "‹ Invoices" }).click();
  await page.waitForURL(/sort=-amount&q=KA-1/);
  await page.close();
});

test("the first load of the list stays within 120 kB of scripts, the live link's after it", async () => {
  const answer = await fetch(`${portal.url}${home}/invoices`, { headers: { cookie } });
  const html = await answer.text();
  const scripts = new Set([...html.matchAll(/\/assets\/[\w$.-]+\.js/g)].map(([path]) => path));
  let bytes = 0;
  for (const path of [...scripts].filter((each) => !each.includes("/manifest-"))) {
    if (!html.includes(`rel="modulepreload" href="${path}"`)) continue;
    bytes += await gzippedBytes(portal.url + path);
  }
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThan(120_000);
  expect([...scripts].join(" ")).not.toMatch(/socket|live-link/);
});

test("neighbouring pages are fetched ahead, so that they open though the portal is away", async () => {
  const page = await open("/invoices");
  const links = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("head > link")].map((link) => link.outerHTML),
    );
  await expect.poll(async () => (await links()).join(" ")).toMatch(/invoices\._id-/);
  expect((await links()).join(" ")).toMatch(/disputes\._number-/);
  await page.close();
});

function gzippedBytes(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { "accept-encoding": "gzip" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (part: Buffer) => (bytes += part.length));
      answer.on("end", () => resolve(bytes));
    })
      .on("error", reject)
      .end();
  });
}

test("where a proxy refuses WebSockets, the page is live by polling", async () => {
  const inner = new URL(portal.url);
  let polls = 0;
  const proxy = createServer((incoming, outgoing) => {
    if (incoming.url?.includes("transport=polling")) polls += 1;
    const headers = { ...incoming.headers, host: inner.host };
    if (headers.origin !== undefined) headers.origin = inner.origin;
    const options = { port: inner.port, path: incoming.url, method: incoming.method, headers };
    const asked = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on("error", () => outgoing.destroy());
    incoming.pipe(asked);
  });
  proxy.on("upgrade", (_, socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const page = await open("/invoices", 1440, `http://127.0.0.1:${port}`);
  expect(polls).toBeGreaterThan(0);
  await portal.deliver("erp", paymentReceived("KA-2", { id: "P-2", amount: "1.00" }));
  await page.getByText("1 row changed since you opened this list").waitFor();
  await page.close();
  proxy.closeAllConnections();
  proxy.close();
});

test("a page that loses its network says so at once", async () => {
  const page = await open("/invoices");
  await page.context().setOffline(true);
  await page.getByText("This page is not live.").waitFor({ timeout: 5_000 });
  await page.context().setOffline(false);
  await page.getByText(/^Live, /).waitFor();
  await page.close();
});
