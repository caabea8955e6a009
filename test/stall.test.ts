import { expect, test } from "vitest";
import { longestStallMs, stallOf } from "./support/stall.ts";

/** Keeps the event loop busy for so long of the processor's time. */
function work(ms: number): void {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if ((user + system) / 1000 >= ms) return;
  }
}

test("the measure of stalls sees one that is too long, and none where the loop turns", async () => {
  expect(await stallOf(async () => work(2 * longestStallMs))).toBeGreaterThan(longestStallMs);
  const turning = stallOf(async () => {
    for (let times = 0; times < 20; times++) {
      work(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  expect(await turning).toBeLessThan(longestStallMs);
});
