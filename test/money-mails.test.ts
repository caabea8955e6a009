import { expect, test } from "vitest";
import { en } from "#server/mail/words/en.ts";
import { de } from "#server/mail/words/de.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

const now = new Date("2026-11-30T10:00:00.000Z");

function message(version: number, type: string, invoice: Record<string, unknown>, rest = {}) {
  const about = { number: "INV-1", externalId: "x-1", currency: "EUR", total: "100.00", version };
  const customer = { id: "C-1", name: "Acme Tooling" };
  const timestamp = new Date(now.getTime() - 600_000 + version * 1000).toISOString();
  return { type, timestamp, data: { invoice: { ...about, customer, ...invoice }, ...rest } };
}

async function mailsOf(...messages: ReturnType<typeof message>[]): Promise<string[]> {
  await using portal = await startTestPortal({ clock: () => now });
  await portal.deliver("erp", message(1, "invoice.issued", { paid: "0.00", balance: "100.00" }));
  await portal.settled();
  await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  for (const each of messages) {
    expect((await portal.deliver("erp", each)).status).toBe(204);
    await portal.settled();
  }
  const rows = await portal.portal.db
    .selectFrom("outbox")
    .select("what")
    .orderBy("sequence")
    .execute();
  return rows.map(({ what }) => what);
}

const paid = { paid: "100.00", balance: "0.00" };

test("a sum and then its item are one mail, and so is a credit that is dated anew", async () => {
  const payment = { id: "P", amount: "100.00", at: "2026-11-30T09:50:02.000Z" };
  const mails = await mailsOf(
    message(2, "payment.received", paid),
    message(3, "payment.received", paid, { payment }),
    message(4, "payment.received", paid, { payment: { ...payment, at: "2026-11-29" } }),
  );
  expect(mails).toEqual(["payment_received"]);
});

test("a payment that was told as a sum and is taken back as a sum is mailed both times", async () => {
  const mails = await mailsOf(
    message(2, "payment.received", paid),
    message(3, "payment.reversed", { paid: "0.00", balance: "100.00" }),
  );
  expect(mails).toEqual(["payment_received", "payment_failed"]);
});

test("what changes what is to be paid, or when, is mailed, and nothing else of an invoice", async () => {
  const payment = { id: "P", amount: "100.00", at: "2026-11-30T09:50:02.000Z" };
  const refund = { id: "R", amount: "25.00", at: "2026-11-30T09:50:04.000Z" };
  const total = "150.00";
  const mails = await mailsOf(
    message(2, "invoice.updated", { total, balance: "150.00" }),
    message(3, "invoice.updated", { total, dueOn: "2026-12-24" }),
    message(4, "invoice.updated", { total, references: [{ kind: "po", value: "4500" }] }),
    message(5, "payment.received", { total, paid: "100.00", balance: "50.00" }, { payment }),
    message(6, "payment.refunded", { total, paid: "75.00", balance: "75.00" }, { payment: refund }),
    message(7, "invoice.written_off", { total, status: "written_off" }),
    message(8, "invoice.updated", { total, status: "open" }),
  );
  expect(mails).toEqual([
    ...["invoice_changed", "invoice_changed", "payment_received", "payment_refunded"],
    ...["invoice_written_off", "invoice_reinstated"],
  ]);
});

test("a balance that rises again without a word is mailed", async () => {
  const fell = message(2, "invoice.updated", { balance: "0.00" });
  expect(await mailsOf(fell, message(3, "invoice.updated", { balance: "100.00" }))).toEqual([
    ...["invoice_settled", "invoice_settled"],
  ]);
});

test("what was settled otherwise is mailed without the word received", async () => {
  expect(await mailsOf(message(2, "invoice.updated", { balance: "0.00" }))).toEqual([
    "invoice_settled",
  ]);
  for (const words of [en, de]) {
    const texts = Object.entries(words).filter(([name]) => name.startsWith("invoice_settled."));
    expect(texts.map(([, text]) => text).join(" ")).not.toMatch(/received|eingegangen|erhalten/i);
  }
});
