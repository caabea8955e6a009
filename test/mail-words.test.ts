import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oneStop } from "#domain/text.ts";
import { readConfig } from "#server/config.ts";
import { envelopeSender } from "#server/mail/identity.ts";
import { launchBrowser } from "#test/support/browser.ts";
import { invoiceTold, openOutbox, paymentTold } from "./support/outbox.ts";
import { startSmtp } from "./support/smtp.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
}, 60_000);

afterAll(() => browser.close());

async function openWithInvoice(smtpUrl: string, rest: object = {}) {
  const outbox = await openOutbox({ smtpUrl });
  await outbox.says([invoiceTold(1, rest)]);
  return outbox;
}

test.each([
  ["en-US", "America/New_York"],
  ["de-DE", "Europe/Berlin"],
  ["en-GB", "America/Argentina/Buenos_Aires"],
])("a mail in %s for %s is no wider than a small phone", async (locale, timeZone) => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url);
  await outbox.context.writer.updateTable("user").set({ locale, timeZone }).execute();
  await outbox.says([paymentTold("p1", 123456)]);
  const page = await browser.newPage({ viewport: { width: 360, height: 800 } });
  await page.setContent(smtp.mails[0]?.html ?? "");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
  await page.close();
});

test.each([
  ["bank_transfer", "en-GB", "bank transfer"],
  ["card", "de-DE", "Karte"],
  ["SEPA_instant", "en-GB", "SEPA instant"],
])("the method %s reads in %s as %s", async (method, locale, words) => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url);
  await outbox.context.writer.updateTable("user").set({ locale }).execute();
  await outbox.says([paymentTold("p1", 100, { method })]);
  expect(smtp.mails[0]?.text).toMatch(new RegExp(`(Method|Zahlungsart) +${words}\n`));
  expect(smtp.mails[0]?.text).not.toContain(`${method.split("_")[0]}_`);
});

test("a number that looks like an encoded word is not decoded in the subject", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url, { number: "=?utf-8?B?SGk=?=" });
  await outbox.says([paymentTold("p1", 100)]);
  const subject = smtp.mails[0]?.subject ?? "";
  expect(subject.replaceAll("\u2060", "")).toBe("Invoice =?utf-8?B?SGk=?=");
});

test("a number cannot turn the subject around", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url, { number: "KA\u202e1\u2066" });
  await outbox.says([paymentTold("p1", 100)]);
  expect(smtp.mails[0]?.subject).toBe("Invoice KA1");
});

test("finance reads who and what in the subject, and no reply that is none", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url);
  const invoiceId = (await outbox.invoiceId("KA-104731")) ?? "";
  for (const text of ["One", "Two"]) {
    await outbox.acts("customer", { kind: "comment", invoiceId, text });
  }
  const subjects = smtp.mails
    .filter(({ envelope }) => envelope.to === "jeroen@supplier.example")
    .map(({ subject }) => subject);
  expect(subjects).toHaveLength(2);
  for (const subject of subjects) {
    expect(subject).toMatch(/^Meridian .* wrote about invoice KA-104731$/);
  }
});

test("the sender of a mail fits an address, however long the ledger is", () => {
  const config = { ...readConfig({}), bounceDomain: "bounce.example" };
  for (const event of ["7", "1000000", "9007199254740991"]) {
    const id = `${event}-finance_dispute_withdrawn-usr_01jd3k5m7p9r1t3v5x7z9b1d3f`;
    const sender = envelopeSender(config, id, "");
    const [local = "", domain] = sender.split("@");
    expect(local.length).toBeLessThanOrEqual(64);
    expect(domain).toBe("bounce.example");
    expect(local).toContain(`bounce+${event}-`);
  }
});

test("a sentence that ends in a name has one full stop", () => {
  expect(oneStop("To Meridian B.V.. Its page")).toBe("To Meridian B.V. Its page");
  expect(oneStop("See the invoices of Meridian B.V..")).toBe("See the invoices of Meridian B.V.");
  expect(oneStop("Wait... a/../b")).toBe("Wait... a/../b");
});
