import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { createStore } from "#server/webhooks/store.ts";
import { openLedger } from "#test/support/ledger.ts";
import { arrived } from "#test/support/standard-event.ts";

test("an answer waits for the disk, processing does not", async () => {
  await using ledger = await openLedger();
  const { context } = ledger;
  let letDiskAnswer = () => {};
  const disk = new Promise<void>((resolve) => (letDiskAnswer = resolve));
  const processable: number[] = [];
  const store = createStore(
    { ...context, synced: () => disk.then(context.synced) },
    { onStored: (_rows, added) => processable.push(added) },
  );
  let isAnswered = false;
  const row = arrived("INV-1", context.clock().toISOString());
  const answered = store.store(row).then(() => (isAnswered = true));
  await expect.poll(() => processable).toEqual([1]);
  const stored = await context.db.selectFrom("deliveries").select("dedupe_key").execute();
  await pause(50);
  expect([stored, isAnswered]).toEqual([[{ dedupe_key: "INV-1" }], false]);
  letDiskAnswer();
  await answered;
  await store.stop();
});
