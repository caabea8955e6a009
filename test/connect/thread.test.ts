import { expect, test } from "vitest";
import { reconcile } from "#server/reconcile/run.ts";
import { clientId, clientSecret } from "../connectors/fake-xero-identity.ts";
import { invoiceId, keptInvoice } from "../connectors/fake-xero-invoices.ts";
import { signed, startFakeXero, tenants, webhookKey } from "../connectors/fake-xero.ts";
import { comeBack, environment, visitVendor } from "../support/connect-vendor.ts";
import { startTestPortal } from "../support/start-portal.ts";

test("the thread that processes deliveries knows an organisation as soon as it is connected", async () => {
  await using fake = await startFakeXero({ now: () => new Date() });
  const addresses = { apiUrl: fake.url, loginUrl: fake.url, identityUrl: fake.url };
  const settings = { clientId, ...addresses };
  const cloud = { id: "cloud", system: "xero", settings, secrets: { webhookKey, clientSecret } };
  await using running = await startTestPortal({
    ...{ connections: [cloud], environment, inThread: true },
  });
  fake.organisation(tenants.north).invoices.set(invoiceId, keptInvoice());
  await comeBack(running, await visitVendor(running));
  const event = {
    ...{ resourceId: invoiceId, tenantId: tenants.north, tenantType: "ORGANISATION" },
    ...{ eventCategory: "INVOICE", eventType: "UPDATE", eventDateUtc: "2026-11-20T10:00:00.000" },
  };
  const numbers = { firstEventSequence: 1, lastEventSequence: 1, entropy: "ABC" };
  const body = JSON.stringify({ events: [event], ...numbers });
  const sent = { method: "POST", headers: signed(body), body };
  expect((await fetch(`${running.url}/webhooks/cloud`, sent)).status).toBe(200);
  await running.settled();
  const [issued] = await running.events("INV-0042", "invoice.issued");
  const { connections } = running.portal;
  const north = connections.ofAccount("cloud", tenants.north);
  expect(issued?.source).toMatchObject({ kind: "connection", connection: north?.id });
  // The other thread reads the same, and finds nothing to put right.
  await reconcile(running.portal, north?.id ?? "", { anyTime: true });
  // The scheduler's own reading may have come before the notice, or before this one.
  const runs = running.portal.db.selectFrom("reconcile_runs").selectAll().orderBy("began_at");
  const read = await runs.execute();
  expect(read.some((run) => run.read > 0)).toBe(true);
  expect(read.at(-1)).toMatchObject({ differed: 0, error: null });
});
