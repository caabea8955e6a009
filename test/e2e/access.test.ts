import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDemo } from "#test/support/open-demo.ts";

type Opened = Awaited<ReturnType<typeof openDemo>>;
let close: Opened["close"] | undefined;
let demo: Opened["demo"];
let browser: Opened["browser"];

beforeAll(async () => {
  ({ demo, browser, close } = await openDemo());
}, 120_000);

afterAll(() => close?.());

const runs = {
  light: `axe.run(document, { resultTypes: ["violations"] })`,
  dark: `axe.run(document, { resultTypes: ["violations"], runOnly: ["color-contrast"] })`,
};

/** A dispute of Ines's company that is about single lines, and its invoice. */
function disputed() {
  return demo.portal.db
    .selectFrom("disputes")
    .innerJoin("invoices", "invoices.id", "disputes.invoice_id")
    .where("invoices.customer_name", "=", "Meridian Façade Systems Group B.V.")
    .where("disputes.lines", "!=", "[]")
    .select(["disputes.number", "invoices.id"])
    .executeTakeFirstOrThrow();
}

type Scheme = "light" | "dark";

/**
 * What axe finds that keeps somebody from using the page, with everything unfolded. Dark differs from
 * light in its colours alone.
 */
async function violationsOf(page: Page, path: string, scheme: Scheme): Promise<string[]> {
  await page.goto(demo.url + path);
  await page.evaluate(axe.source);
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  // As text: the page has axe itself, not what this file imports.
  const { passes, violations } = await page.evaluate<AxeResults>(runs[scheme]);
  expect(passes.length, `axe looked at ${path}`).toBeGreaterThan(0);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`);
}

test.each([
  [1440, "light"],
  [1440, "dark"],
  [390, "light"],
  [390, "dark"],
] as const)(
  "customer pages at %i px in %s keep nobody out and say no errors",
  async (width, colorScheme) => {
    const { number, id } = await disputed();
    // Colours that are still changing would be measured half way.
    const look = {
      viewport: { width, height: 900 },
      colorScheme,
      reducedMotion: "reduce",
    } as const;
    const page = await browser.newPage(look);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(`${page.url()} ${message.text()}`);
    });
    const found = await violationsOf(page, "/sign-in", colorScheme);
    await page.goto(`${demo.url}/demo/sign-in/customer`);
    await page.getByRole("button", { name: "Sign in as Ines de Wolf" }).click();
    await page.waitForURL(/\/c\/[^/]+\/invoices$/);
    const paths = ["/invoices", `/invoices/${id}`, `/invoices/${id}/dispute`, "/disputes"];
    for (const path of [...paths, `/disputes/${number}`, "/settings", "/verify"]) {
      found.push(...(await violationsOf(page, path, colorScheme)));
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wider, `${path} is no wider than the screen`).toBeLessThanOrEqual(0);
    }
    expect(found).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  },
  120_000,
);
