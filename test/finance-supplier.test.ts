import { expect, test } from "vitest";
import { readSupplier } from "#db/queries/settings.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

const form = {
  name: "Kestrel Anodizing B.V.",
  address: "Nijverheidsweg 18, 3812 PM Amersfoort",
  registration: "31 04 22 17",
  timeZone: "Europe/Amsterdam",
  brandColor: "#A02C10",
  graceDays: "3",
};

test("an administrator changes the supplier, the ledger says what, others may not", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("ada@kestrel.example", "administrator");
  await portal.addStaff("marit@kestrel.example");
  const [ada, marit] = [
    await portal.as("ada@kestrel.example"),
    await portal.as("marit@kestrel.example"),
  ];
  expect((await marit.post("/finance/supplier", form)).status).toBe(403);
  const refused = await ada.post("/finance/supplier", {
    ...form,
    timeZone: "Mars",
    graceDays: "-1",
  });
  expect(refused.status).toBe(422);
  const words = await refused.text();
  expect(words).toContain("Choose a time zone such as");
  expect(words).toContain("Write whole days");
  expect((await ada.post("/finance/supplier", form)).status).toBe(302);
  expect(await readSupplier(portal.portal.db)).toMatchObject({
    graceDays: 3,
    brandColor: "#a02c10",
  });
  expect(await ada.page("/finance/supplier")).toContain("close to the one of what is overdue");
  const [changed] = (await portal.events()).filter(
    ({ type, data }) =>
      type === "audit.recorded" && "action" in data && data.action === "supplier_changed",
  );
  expect(changed?.data).toMatchObject({ details: { graceDays: 3, timeZone: "Europe/Amsterdam" } });
});

test("an invoice is overdue only after the days of grace", async () => {
  let now = new Date("2026-12-04T12:00:00.000Z");
  await using portal = await startTestPortal({ clock: () => now });
  await portal.addStaff("ada@kestrel.example", "administrator");
  const ada = await portal.as("ada@kestrel.example");
  await ada.post("/finance/supplier", form);
  await portal.deliver("erp", invoiceIssued("INV-1"));
  await portal.settled();
  await portal.scheduler.runAll();
  expect(await portal.events("INV-1", "invoice.overdue")).toHaveLength(0);
  now = new Date("2026-12-06T12:00:00.000Z");
  await portal.scheduler.runAll();
  expect(await portal.events("INV-1", "invoice.overdue")).toHaveLength(1);
});
