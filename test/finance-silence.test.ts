import { expect, test } from "vitest";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const minuteMs = 60_000;

async function told(portal: TestPortal) {
  const mails = portal.portal.db.selectFrom("outbox").select("target");
  const rows = await mails.where("what", "=", "finance_connection_silent").execute();
  const audits = (await portal.events()).filter(
    ({ data }) => "action" in data && data.action === "connection_silent",
  );
  return { mails: rows.length, audits: audits.length };
}

test("finance is told once of a connection that fell silent, and again of the next time", async () => {
  let now = Date.parse("2026-11-20T09:00:00.000Z");
  await using portal = await startTestPortal({ clock: () => new Date(now) });
  await portal.addStaff("marit@kestrel.example");
  let count = 0;
  const busy = async () => {
    for (let times = 0; times < 8; times += 1) {
      now += minuteMs;
      count += 1;
      await portal.deliver("erp", invoiceIssued(`INV-${count}`));
    }
    await portal.settled();
  };
  await busy();
  await portal.scheduler.runAll();
  expect(await told(portal)).toEqual({ mails: 0, audits: 0 });
  now += 20 * minuteMs;
  await portal.scheduler.runAll();
  await portal.scheduler.runAll();
  expect(await told(portal)).toEqual({ mails: 1, audits: 1 });
  const marit = await portal.as("marit@kestrel.example");
  expect(await marit.page("/finance/connections")).toContain("1 silent");
  const customer = await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  expect(customer).not.toBe("");
  const buyer = await portal.as("buyer@acme.example");
  const invoice = `/invoices/${await portal.invoiceId("INV-1")}`;
  expect(await buyer.page(invoice)).toContain("the system is silent now");
  await busy();
  expect(await buyer.page(invoice)).not.toContain("the system is silent now");
  now += 60 * minuteMs;
  await portal.scheduler.runAll();
  expect(await told(portal)).toEqual({ mails: 2, audits: 2 });
  const states = portal.portal.db.selectFrom("outbox").select("state").distinct();
  const sent = states.where("what", "=", "finance_connection_silent");
  await expect.poll(() => sent.execute()).toEqual([{ state: "accepted" }]);
});
