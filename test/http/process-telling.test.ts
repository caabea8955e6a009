import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { insertDeliveries } from "#db/queries/deliveries.ts";
import { ledgerPage } from "#server/api/events.ts";
import { Connections } from "#server/connections/connections.ts";
import { startProcess } from "#server/webhooks/process.ts";
import { openLedger } from "#test/support/ledger.ts";
import { arrived } from "#test/support/standard-event.ts";
import { webhookSecret } from "#test/support/start-portal.ts";

const connection = { id: "erp", system: "standard-webhooks", secrets: { webhookSecret } };

test("nobody is told of a batch before the disk has it, and the next one does not wait for that", async () => {
  await using ledger = await openLedger();
  const { context } = ledger;
  const connections = await new Connections(context).load();
  await connections.applyFile(JSON.stringify([connection]), () => undefined);
  const at = context.clock().toISOString();
  let letDiskAnswer = () => {};
  const disk = new Promise<void>((resolve) => (letDiskAnswer = resolve));
  const told: (string | null)[] = [];
  context.committed.subscribe((events) => told.push(...events.map(({ invoice }) => invoice)));
  const synced = () => disk.then(context.synced);
  const processing = startProcess({ ...context, connections, synced }, () => {});

  const invoices: (string | null)[] = [];
  for (const number of ["INV-1", "INV-2"]) {
    await insertDeliveries(context.queues, [arrived(number, at)]);
    processing.wake();
    await expect.poll(() => ledger.invoiceId(number)).not.toBeNull();
    invoices.push(await ledger.invoiceId(number));
  }
  // A program that keeps its place in the ledger waits as well.
  const key = { id: "key", name: "Key", role: "finance" as const, customer: null };
  let isAnswered = false;
  const page = ledgerPage({ ...context, synced }, key, { limit: 10 });
  void page.finally(() => (isAnswered = true));
  await pause(50);
  expect([told, isAnswered]).toEqual([[], false]);
  letDiskAnswer();
  await processing.idle();
  expect(told).toEqual(invoices);
  expect((await page).data.map(({ invoiceId }) => invoiceId)).toEqual(
    expect.arrayContaining(invoices),
  );
  await processing.stop();
  await connections.close();
});
