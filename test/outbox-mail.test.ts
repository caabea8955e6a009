import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { KyselyPlugin } from "kysely";
import { retryRow } from "#server/outbox/retry-outbox.ts";
import { setMailStop } from "#server/mail/preferences.ts";
import { readStopToken } from "#server/mail/unsubscribe.ts";
import { invoiceTold, openOutbox, paymentTold } from "./support/outbox.ts";
import { startSmtp } from "./support/smtp.ts";

const finance = { kind: "user", user: "jeroen" } as const;

/** The customer's record is known before the first mail, as after an import. */
async function openWithInvoice(options: Parameters<typeof openOutbox>[0]) {
  const outbox = await openOutbox(options);
  await outbox.says([invoiceTold(1)]);
  return outbox;
}

test("mails about one invoice are one thread with a root that no mail has itself", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  await outbox.says([paymentTold("p1", 800000)]);
  await outbox.says([paymentTold("p2", 100000)]);
  const [first, second] = smtp.mails;
  expect(first?.subject).toBe("Invoice KA-104731");
  expect(second?.subject).toBe("Re: Invoice KA-104731");
  expect(first?.header("references")).toBe(second?.header("references"));
  expect(first?.header("in-reply-to")).toBe(first?.header("references"));
  expect(first?.messageId).not.toBe(second?.messageId);
  expect([first?.messageId, second?.messageId]).not.toContain(first?.header("references"));
  expect(first?.header("auto-submitted")).toBe("auto-generated");
  expect(first?.header("content-type")).toContain("multipart/alternative");
});

test("one click stops one kind of mail, by headers on one line each", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  await outbox.says([paymentTold("p1", 800000)]);
  const lines = smtp.mails[0]?.raw.split("\r\n") ?? [];
  const stop = lines.find((line) => line.startsWith("List-Unsubscribe: "));
  expect(stop).toMatch(/^List-Unsubscribe: <https:\/\/portal\.example\/u\/[\w-]+>$/);
  expect(stop?.length).toBeLessThan(120);
  expect(lines).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
  const token = stop?.split("/u/")[1]?.slice(0, -1) ?? "";
  const subscription = { userId: "ines", kind: "payments" } as const;
  expect(readStopToken(outbox.context.config, token)).toEqual(subscription);
  const forOtherKind = `${token.slice(0, 16)}o${token.slice(17)}`;
  expect(readStopToken(outbox.context.config, forOtherKind)).toBeNull();
  await setMailStop(outbox.context, { ...subscription, wanted: false });
  await outbox.says([paymentTold("p2", 100000)]);
  expect(smtp.mails).toHaveLength(1);
});

test("text and HTML say the same amounts, and names are never markup", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  await outbox.says([paymentTold("p1", 800000)]);
  const [{ text = "", html = "" } = {}] = smtp.mails;
  for (const amount of ["EUR 12,756.55", "EUR 4,756.55", "MFS-2211", "2026-11-18T15:41:00Z"]) {
    expect(text).toContain(amount);
    expect(html).toContain(amount);
  }
  expect(text).toContain("EUR 8,000.00");
  expect(text).toContain("Wed, 18 Nov 2026, 16:41 CET");
  expect(text).toContain("as of Fri, 20 Nov 2026, 11:00 CET");
  expect(text).toMatch(/fingerprint\s([0-9a-f]{8} ){7}[0-9a-f]{8}/);
  expect(html).toContain("Meridian &lt;b&gt;Façade&lt;/b&gt;");
  expect(html).not.toMatch(/<b>Fa|<img|<script/);
});

test("yen have no decimals and dinars three, in the language of the reader", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openOutbox({ smtpUrl: smtp.url });
  await outbox.context.writer.updateTable("user").set({ locale: "de-DE" }).execute();
  const kwd = (amount: number) => ({ amount, currency: "KWD" });
  const rest = { currency: "KWD", total: kwd(1234567), due: kwd(1234567) };
  await outbox.says([invoiceTold(1, rest)]);
  await outbox.says([paymentTold("p1", 234567, { currency: "KWD" })]);
  const jpy = (amount: number) => ({ amount, currency: "JPY" });
  const yen = {
    externalId: "4712",
    number: "KA-2",
    currency: "JPY",
    total: jpy(98765),
    due: jpy(98765),
  };
  await outbox.says([invoiceTold(1, yen)]);
  await outbox.context.writer.updateTable("user").set({ locale: "en-GB" }).execute();
  await outbox.says([paymentTold("p2", 8765, { currency: "JPY", externalId: "4712" })]);
  const [dinars, , yens] = smtp.mails;
  expect(dinars?.subject).toBe("Rechnung KA-104731");
  expect(dinars?.text).toContain("234,567 KWD");
  expect(dinars?.text).toContain("1.000,000 KWD");
  expect(dinars?.html).toContain('lang="de"');
  expect(yens?.text).toContain("JPY 8,765");
  expect(yens?.text).toContain("JPY 90,000");
});

test("a busy relay is asked again, and each attempt is written down", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  smtp.treat("busy");
  await outbox.says([paymentTold("p1", 800000)]);
  expect(smtp.mails).toHaveLength(0);
  await outbox.later(30_000);
  expect(smtp.mails).toHaveLength(1);
  const attempts = await outbox.attempts();
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed", "accepted"]);
  expect(attempts[0]?.answer).toContain("451");
  expect((await outbox.events()).map(({ type }) => type)).toContain("mail.sent");
});

test("an address that refuses mail parks it, finance is told, a retry frees what waited", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  smtp.treat("no-recipient");
  await outbox.says([paymentTold("p1", 800000)]);
  await outbox.dispatch.idle();
  expect(smtp.mails.map(({ envelope }) => envelope.to)).toEqual(["jeroen@supplier.example"]);
  expect(smtp.mails[0]?.text).toContain("550 5.1.1 no such user here");
  await outbox.says([paymentTold("p2", 100000)]);
  expect(smtp.mails).toHaveLength(1);
  const parked = (await outbox.rows()).filter((row) => row.parked_at !== null);
  expect(parked.map(({ state }) => state)).toEqual(["refused", "queued"]);
  await retryRow(outbox.portal, finance, parked[0]?.id ?? "");
  await outbox.dispatch.idle();
  expect(smtp.mails.slice(1).map(({ envelope }) => envelope.to)).toEqual(
    Array(2).fill("ines@customer.example"),
  );
});

test("what comes due while the outbox is being read does not wait for the next second", async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  let open: Promise<unknown> = Promise.resolve();
  const reading: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => open.then(() => result),
  };
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url, reading });
  let go = () => {};
  open = new Promise<void>((resolve) => (go = resolve));
  outbox.dispatch.wake();
  await pause(50);
  await outbox.tells([paymentTold("p1", 800000)]);
  // Longer than the dispatcher waits after a commit.
  await pause(200);
  go();
  // Polling would advance the interval's clock, too.
  vi.useRealTimers();
  await expect.poll(() => smtp.mails).toHaveLength(1);
});

test("a clock set ahead while a mail is under way does not send it twice", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  smtp.treat("slow");
  const said = outbox.says([paymentTold("p1", 800000)]);
  await expect.poll(() => smtp.mails).toHaveLength(1);
  await outbox.later(2 * 86_400_000);
  await said;
  expect(smtp.mails).toHaveLength(1);
  expect((await outbox.attempts()).map(({ outcome }) => outcome)).toEqual(["accepted"]);
});

test("a connection lost after the message was taken leads to the same Message-ID", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  smtp.treat("drop");
  await outbox.says([paymentTold("p1", 800000)]);
  expect((await outbox.rows()).at(-1)?.state).toBe("sent");
  await outbox.later(30_000);
  expect(smtp.mails).toHaveLength(2);
  expect(smtp.mails[0]?.messageId).toBe(smtp.mails[1]?.messageId);
  const attempts = await outbox.attempts();
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["unknown", "accepted"]);
});

test("a mail that waited says nothing that is no longer so", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  smtp.treat("busy");
  await outbox.says([invoiceTold(2, { dueOn: "2026-11-10", overdue: true })]);
  const sums = {
    paid: { amount: 1275655, currency: "EUR" },
    due: { amount: 0, currency: "EUR" },
  };
  await outbox.says([invoiceTold(3, { dueOn: "2026-11-10", ...sums })]);
  await outbox.later(30_000);
  expect(smtp.mails.map(({ text = "" }) => text.split("\n")[0])).toEqual([
    "PAYMENT RECEIVED FOR INVOICE KA-104731",
  ]);
});

test("bounces come back to an address that names the row", async () => {
  await using smtp = await startSmtp();
  const bounceDomain = "bounce.example";
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url, bounceDomain });
  await outbox.says([paymentTold("p1", 800000)]);
  const row = (await outbox.rows()).at(-1);
  expect(smtp.mails[0]?.envelope.from).toBe(`bounce+${row?.id}@bounce.example`);
});

test("one event makes one mail for each recipient and template", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice({ smtpUrl: smtp.url });
  await outbox.says([paymentTold("p1", 800000)]);
  await outbox.says([paymentTold("p1", 800000)]);
  for (let times = 0; times < 3; times++) await outbox.dispatch.idle();
  expect(smtp.mails).toHaveLength(1);
  expect((await outbox.attempts()).length).toBe(1);
});

const eur = (amount: number) => ({ amount, currency: "EUR" });

test.each([
  ["names it", true, ["credit"]],
  ["never comes", false, ["balance"]],
])(
  "a balance that falls waits two minutes for its reason, which %s",
  async (_how, isNamed, told) => {
    await using smtp = await startSmtp();
    await using outbox = await openOutbox({ smtpUrl: smtp.url });
    await outbox.says([invoiceTold(1)]);
    await outbox.says([invoiceTold(2, { due: eur(1235655) })]);
    const credit = { creditId: "CN-1", type: "credit_note", amount: eur(40000) } as const;
    const occurredAt = "2026-11-20T09:02:01.000Z";
    const invoice = { externalId: "4711" };
    if (isNamed) await outbox.says([{ kind: "credit", invoice, ...credit, occurredAt }]);
    await outbox.later(130_000);
    const kinds = smtp.mails.map(({ text = "" }) => {
      if (text.includes("neither a payment nor a credit")) return "balance";
      return /credit/i.test(text) ? "credit" : text;
    });
    expect(kinds).toEqual(told);
  },
);
