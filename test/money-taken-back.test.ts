import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { invoiceTold, openOutbox } from "#test/support/outbox.ts";
import { startSmtp } from "#test/support/smtp.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });

/** An invoice over 12,756.55 EUR of which the customer was mailed that 100.00 came. */
async function openPaid() {
  const smtp = await startSmtp();
  const world = await openOutbox({ smtpUrl: smtp.url });
  await world.says([invoiceTold(1)]);
  await world.says([told(2, 10_000, ["p1"]), paidAt(2, "p1", 10_000)]);
  const first = smtp.mails.length;
  return {
    ...world,
    /** First lines and marks of what the customer was mailed since. */
    said: () =>
      smtp.mails.slice(first).map(({ text = "" }) => {
        const [title = "", , amount = "", mark = ""] = text.split("\n");
        return [title.replace(" FOR INVOICE KA-104731", ""), amount, mark.slice(2)];
      }),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await smtp[Symbol.asyncDispose]();
    },
  };
}

function paidAt(version: number, paymentId: string, amount: number): Change {
  return {
    ...{ kind: "payment", invoice: { externalId: "4711" }, paymentId, stage: "received" },
    ...{ amount: eur(amount), occurredAt: "2026-11-18", version },
    toldAt: `2026-11-20T09:0${version}:00.000Z`,
  };
}

function told(version: number, paid: number, paymentIds: string[], rest: object = {}) {
  const due = eur(1_275_655 - paid);
  return invoiceTold(version, { paid: eur(paid), due, paymentIds, ...rest });
}

test("a payment that is taken out and entered anew with the same amount is no news", async () => {
  await using at = await openPaid();
  await at.says([told(3, 10_000, ["p2"]), paidAt(3, "p2", 10_000)]);
  expect(at.said()).toEqual([]);
});

test("a payment that is taken off an invoice which is then voided is mailed, and so is the void", async () => {
  await using at = await openPaid();
  await at.says([told(3, 0, [], { state: "void" })]);
  const said = at.said();
  expect(said.map(([title]) => title)).toEqual(["PAYMENT TAKEN BACK", "INVOICE KA-104731 VOIDED"]);
  expect(said.map(([, , mark]) => mark)).toEqual([
    ...["Taken back, nothing left to pay after it", "Void, nothing to pay"],
  ]);
});

test("each payment and credit of one reading is mailed, with the balance after it", async () => {
  await using at = await openPaid();
  const credit = { creditId: "c1", type: "credit_note", occurredAt: "2026-11-20" } as const;
  await at.says([
    told(3, 60_000, ["p1", "p2", "p3"], { due: eur(1_214_655), credited: eur(1_000) }),
    paidAt(3, "p2", 20_000),
    paidAt(3, "p3", 30_000),
    { kind: "credit", invoice: { externalId: "4711" }, amount: eur(1_000), ...credit },
  ]);
  const said = at.said();
  expect(said).toEqual([
    ["CREDIT", "EUR 10.00", "Credited, EUR 12,646.55 left to pay after it"],
    ["PAYMENT RECEIVED", "EUR 200.00", "Received, EUR 12,446.55 left to pay after it"],
    ["PAYMENT RECEIVED", "EUR 300.00", "Received, EUR 12,146.55 left to pay after it"],
  ]);
});

test("the balances add up where another payment was entered anew in the same reading", async () => {
  await using at = await openPaid();
  const payments = [paidAt(3, "p0", 20_000), paidAt(3, "p2", 10_000), paidAt(3, "p3", 30_000)];
  await at.says([told(3, 60_000, ["p0", "p2", "p3"]), ...payments]);
  expect(at.said()).toEqual([
    ["PAYMENT RECEIVED", "EUR 200.00", "Received, EUR 12,456.55 left to pay after it"],
    ["PAYMENT RECEIVED", "EUR 300.00", "Received, EUR 12,156.55 left to pay after it"],
  ]);
  const events = await at.events("KA-104731");
  const dues = events.flatMap(({ data }) => ("settlement" in data ? data.settlement.due : []));
  expect(dues).toEqual([1_265_655, 1_275_655, 1_265_655, 1_245_655, 1_215_655]);
});

test("a payment taken back and another one in the same reading are told with the balance after each", async () => {
  await using at = await openPaid();
  await at.says([told(3, 25_000, ["p2"]), paidAt(3, "p2", 25_000)]);
  expect(at.said()).toEqual([
    ["PAYMENT TAKEN BACK", "EUR 100.00", "Taken back, EUR 12,756.55 left to pay after it"],
    ["PAYMENT RECEIVED", "EUR 250.00", "Received, EUR 12,506.55 left to pay after it"],
  ]);
});

test("a payment from before the invoice was voided is mailed late with the balance of its own time", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url, mailPauseMs: 60_000 });
  await world.says([invoiceTold(1)]);
  await world.later(120_000);
  const first = smtp.mails.length;
  await world.tells([told(2, 10_000, ["p1"]), paidAt(2, "p1", 10_000)]);
  world.setTime("2026-11-20T10:02:01.000Z");
  await world.tells([invoiceTold(3, { due: undefined, state: "void" })]);
  await world.later(180_000);
  const text = smtp.mails
    .slice(first)
    .map((mail) => mail.text ?? "")
    .join("\n");
  expect(text).toContain("Received, EUR 12,656.55 left to pay after it");
  expect(text).toContain("Void, nothing to pay");
});

test("a payment that was lowered is told as that, by mail and on the page, and never as received", async () => {
  await using at = await openPaid();
  await at.says([told(3, 6_000, ["p1"]), paidAt(3, "p1", 6_000)]);
  expect(at.said()).toEqual([
    ["PAYMENT CORRECTED", "EUR 40.00", "Corrected, EUR 12,696.55 left to pay after it"],
  ]);
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("INV-1"));
  const payment = { id: "P", currency: "EUR", at: "2026-11-05T09:00:00.000Z" };
  for (const [version, amount, balance] of [
    [2, "40.00", "1210.50"],
    [3, "25.00", "1225.50"],
  ] as const) {
    const { data } = invoiceIssued("INV-1", { version, paid: amount, balance });
    const timestamp = `2026-11-05T10:0${version}:00.000Z`;
    const body = { type: "payment.received", timestamp };
    await portal.deliver("erp", { ...body, data: { ...data, payment: { ...payment, amount } } });
    await portal.settled();
  }
  await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  const html = await (await portal.as("buyer@acme.example")).page("/invoices/INV-1");
  const page = html.replaceAll("\u00a0", " ");
  expect(page).toContain("EUR 15.00 of the payment taken back");
  expect(page).not.toContain("Payment of EUR 15.00 received");
});

test("a dispute is mailed as opened with the amount that it was opened with", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url, mailPauseMs: 60_000 });
  await world.says([invoiceTold(1)]);
  await world.acts("customer", {
    ...{ kind: "open_dispute", invoiceId: (await world.invoiceId("KA-104731")) ?? "", lines: [] },
    ...{ reason: "price_incorrect", amount: 30_000, message: "Too much" },
  });
  await world.context.writer.updateTable("disputes").set({ amount: 10_000 }).execute();
  await world.later(180_000);
  const opened = smtp.mails.find(({ text }) => text?.includes("DISPUTE"));
  expect(opened?.text).toContain("EUR 300.00");
});
