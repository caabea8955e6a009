import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { record } from "#server/ledger/record.ts";
import { recordOverdue } from "#server/ledger/due.ts";
import { call, keyOf } from "#test/support/api.ts";
import { invoiceTold, openOutbox } from "#test/support/outbox.ts";
import { startSmtp } from "#test/support/smtp.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

/** Recorded as an older version did, which did not look whether a day exists. */
async function recordOld({ portal }: TestPortal, changes: Change[]): Promise<void> {
  const receivedAt = new Date().toISOString();
  await record(portal, {
    ...{ kind: "system", source: { kind: "connection", connection: "erp" }, asked: true },
    ...{ connection: { id: "erp", kind: "erp" }, changes, receivedAt },
  });
}

test.each(["2026-02-30", "2026-00-00"])(
  "an invoice that was recorded as due on %s is shown with what was told, everywhere",
  async (day) => {
    await using portal = await startTestPortal();
    const due = { issuedOn: day, dueOn: day, customer: { externalId: "C-1", name: "Acme" } };
    const invoice = { externalId: "4711" };
    const amount = { amount: 100, currency: "EUR" };
    await recordOld(portal, [
      invoiceTold(1, due),
      {
        ...{ kind: "payment", invoice, paymentId: "P-1", stage: "received", amount, version: 1 },
        occurredAt: day,
      },
    ]);
    await recordOverdue(portal.portal, { timeZone: "UTC", graceDays: 0 });
    await portal.addCustomer("Acme", "buyer@acme.example");
    const { page } = await portal.as("buyer@acme.example");
    const [{ id } = { id: "" }] = await portal.portal.db
      .selectFrom("invoices")
      .select("id")
      .execute();
    expect(await page("/invoices")).toContain(day);
    const shown = await page(`/invoices/${id}`);
    expect(shown).toContain(day);
    expect(shown).toContain("Overdue");
    expect(shown).not.toContain("NaN");
    await portal.addStaff("boss@example.com", "administrator");
    const boss = await portal.as("boss@example.com");
    expect(await boss.page("/finance/audit")).toContain(day);
    const csv = await boss.post("/finance/audit/export", { format: "csv" });
    expect(await csv.text()).toContain(day);
    const key = await keyOf(portal, "auditor");
    const list = await call(portal, key, "invoices");
    expect(list.body).toMatchObject({ data: [{ issuedOn: null, dueOn: null }] });
    const events = await call(portal, key, `invoices/${id}/events`);
    expect(events.status).toBe(200);
    expect(JSON.stringify(events.body)).toContain(`"occurredAt":"${day}"`);
  },
);

test("a mail about an invoice that was recorded with an impossible day writes it as it was told", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  await world.says([invoiceTold(1)]);
  for (const [index, dueOn] of ["2026-02-30", "2026-00-00"].entries()) {
    await world.says([invoiceTold(2 + index, { dueOn })]);
  }
  const rows = await world.rows();
  expect(rows.map(({ what, parked_at }) => [what, parked_at])).toEqual([
    ...[
      ["invoice_changed", null],
      ["invoice_changed", null],
    ],
  ]);
  expect(smtp.mails.at(-1)?.text).toContain("due on 2026-00-00 instead of 2026-02-30");
});
