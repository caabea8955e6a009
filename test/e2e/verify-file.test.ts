import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { launchBrowser } from "#test/support/browser.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";

let portal: TestPortal;
let browser: Browser;
let folder: string;

beforeAll(async () => {
  const production = { NODE_ENV: "production", PUBLIC_URL: "http://localhost:0" };
  portal = await startTestPortal({ environment: production });
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), "verify-file-"));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await portal?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a customer downloads from the invoice's page, and the checkpoint that somebody kept. */
async function downloaded() {
  await portal.deliver("erp", invoiceIssued("KA-1", { customer: { id: "C-1", name: "Meridian" } }));
  await portal.deliver("erp", paymentReceived("KA-1", { id: "P-1", amount: "10.00" }));
  await portal.settled();
  await portal.addCustomer("Meridian", "ines@meridian.example");
  const { page } = await portal.as("ines@meridian.example");
  const path = `/invoices/${await portal.invoiceId("KA-1")}`;
  const { note, publicKey } = await makeCheckpoint(portal.portal, null);
  expect(await page(path)).toContain("Download the proof");
  const proof = await page(`${path}/proof`);
  const file = join(folder, "proof.json");
  const kept = join(folder, "checkpoint.txt");
  await writeFile(file, proof);
  await writeFile(kept, note);
  return { file, kept, proof, publicKey };
}

async function check(page: Page, given: { file: string; kept: string; key: string }) {
  await page.locator("input[type=file]").first().setInputFiles(given.file);
  await page.locator("input[type=file]").last().setInputFiles(given.kept);
  await page.getByLabel("Public key").fill(given.key);
  await page.getByRole("button", { name: "Check", exact: true }).click();
}

test("a downloaded proof is checked by the browser alone, without network and without signing in", async () => {
  const { file, kept, proof, publicKey } = await downloaded();
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(`${portal.url}/verify/file`, { waitUntil: "networkidle" });
  expect(await page.textContent("main")).toContain(publicKey);
  await context.setOffline(true);
  await check(page, { file, kept, key: publicKey });
  await page.getByText("Unchanged since it was recorded").waitFor();
  const shown = (await page.textContent("main")) ?? "";
  expect(shown).toContain("It agrees with the checkpoint that you kept");
  expect(shown).toContain("Payment received");
  expect(shown).toContain("you took it from this page");

  const forged = join(folder, "forged.json");
  await writeFile(forged, proof.replace(`"P-1"`, `"P-2"`));
  await check(page, { file: forged, kept, key: publicKey });
  await page.getByText("Not what was recorded", { exact: true }).waitFor();
  expect(await page.textContent("main")).toContain("its data was changed");
  await check(page, { file: kept, kept, key: publicKey });
  await page.getByText("neither a proof, nor a chain").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
