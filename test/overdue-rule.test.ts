import { expect, test } from "vitest";
import { takeBackEarlyOverdue, recordOverdue } from "#server/ledger/due.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

const rule = (graceDays: number) => ({ timeZone: "UTC", graceDays });

test("more days of grace take back what the portal found overdue, not what a system says", async () => {
  await using portal = await startTestPortal({ clock: () => new Date("2026-12-10T10:00:00.000Z") });
  const { portal: context } = portal;
  await portal.deliver("erp", invoiceIssued("INV-1", { dueOn: "2026-12-02" }));
  await portal.deliver("erp", invoiceIssued("INV-2", { dueOn: "2026-12-02", status: "overdue" }));
  await portal.settled();
  const statuses = async () => {
    const rows = context.db.selectFrom("invoices").select(["number", "status"]).orderBy("number");
    return (await rows.execute()).map(({ status }) => status);
  };
  await recordOverdue(context, rule(0));
  expect(await statuses()).toEqual(["overdue", "overdue"]);
  await takeBackEarlyOverdue(context, rule(7));
  expect(await statuses()).toEqual(["overdue", "overdue"]);
  expect(await takeBackEarlyOverdue(context, rule(30))).toBe(1);
  expect(await statuses()).toEqual(["open", "overdue"]);
  expect(await takeBackEarlyOverdue(context, rule(30))).toBe(0);
  await recordOverdue(context, rule(0));
  expect(await statuses()).toEqual(["overdue", "overdue"]);
});

test("an invoice that cannot be called overdue keeps no other one from it", async () => {
  await using portal = await startTestPortal({ clock: () => new Date("2026-12-10T10:00:00.000Z") });
  const { portal: context } = portal;
  for (const number of ["INV-1", "INV-2"]) {
    await portal.deliver("erp", invoiceIssued(number, { dueOn: "2026-12-02" }));
  }
  await portal.settled();
  const { writer } = context;
  await writer
    .updateTable("invoices")
    .set({ due_on: "2026-00-00" })
    .where("number", "=", "INV-1")
    .execute();
  await recordOverdue(context, rule(0));
  const rows = context.db.selectFrom("invoices").select("status").where("number", "=", "INV-2");
  expect(await rows.execute()).toEqual([{ status: "overdue" }]);
});
