import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stopUrl } from "#server/mail/unsubscribe.ts";
import { launchBrowser } from "#test/support/browser.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const email = "ines@meridian.example";
let portal: TestPortal;
let browser: Browser;

beforeAll(async () => {
  portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await portal[Symbol.asyncDispose]();
});

/** Browsers in which a page's scripts never run: switched off, or still on their way. */
const cold: [string, () => Promise<BrowserContext>][] = [
  ["without JavaScript", () => browser.newContext({ javaScriptEnabled: false })],
  [
    "before its scripts are there",
    async () => {
      const context = await browser.newContext();
      await context.route("**/*.js", () => new Promise(() => undefined));
      return context;
    },
  ],
];

test.each(cold)("the mailed link signs in %s", async (_how, open) => {
  const context = await open();
  const page = await context.newPage();
  await page.goto(await portal.portal.auth.createLink(email), { waitUntil: "commit" });
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/invoices/, { waitUntil: "commit" });
  await context.close();
});

test.each(cold)("the link of a mail stops its kind %s", async (_how, open) => {
  const userId = await portal.addStaff(`staff-${_how.length}@supplier.example`);
  const context = await open();
  const page = await context.newPage();
  const url = stopUrl(portal.portal.config, { userId, kind: "finance_comments" });
  await page.goto(url, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Stop this kind of mail" }).click();
  await page.getByText("You no longer get this mail").waitFor();
  const stops = portal.portal.db.selectFrom("mail_stops").where("user_id", "=", userId);
  expect(await stops.select("kind").execute()).toEqual([{ kind: "finance_comments" }]);
  await context.close();
});

/** Sign-in links of the mails that the portal caught, oldest first. */
async function caughtLinks(): Promise<string[]> {
  const mails = await portal.portal.db
    .selectFrom("caught_mails")
    .select("raw")
    .orderBy("id")
    .execute();
  return mails.flatMap(({ raw }) => {
    const text = Buffer.from(raw).toString().replaceAll("=\r\n", "").replaceAll("=3D", "=");
    return /^http\S+\/sign-in\/confirm\?token=\S+$/m.exec(text)?.[0] ?? [];
  });
}

test("asking twice leaves the first link working in the browser that asked", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  for (let times = 1; times <= 2; times++) {
    await page.goto(`${portal.url}/sign-in`, { waitUntil: "networkidle" });
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Send me a link" }).click();
    await page.waitForURL(/\/sign-in\/sent/);
    await expect.poll(caughtLinks).toHaveLength(times);
  }
  const [first = ""] = await caughtLinks();
  await page.goto(first);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/invoices/);
  await context.close();
});
