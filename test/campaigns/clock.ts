import { setTimeout as pause } from "node:timers/promises";
import { builtPortal } from "./bundle.ts";
import { ended } from "./disk.ts";
import type { Asked } from "./report.ts";
import { openWorld } from "./world.ts";

const usualRounds = 8;
const usualSeconds = 0.4;
const farthestMs = 2 * 86_400_000;

/**
 * Sets the portal's clock back and forth under load by up to two days: deliveries are taken and
 * recorded, and `recordedAt` never decreases. At the end the clock is ahead of all it has been.
 */
export async function runClock({ seed, cycles = usualRounds, seconds = usualSeconds }: Asked) {
  const world = await openWorld({ built: await builtPortal(), seed });
  const { traffic, faults, random } = world;
  let backward = 0;
  try {
    const running = await world.open();
    const stopping = new AbortController();
    const work = traffic.flow(stopping.signal, 4);
    for (let round = 0; round < cycles; round++) {
      const by = random.pick([1_000, 60_000, 3_600_000, farthestMs]);
      const to = random.between(-by, by);
      if (to < faults.aheadMs()) backward += 1;
      faults.jump(to - faults.aheadMs());
      await pause(seconds * 1000);
    }
    stopping.abort();
    await work;
    faults.jump(farthestMs + 60_000 - faults.aheadMs());
    await traffic.wave({ seconds, disputes: 3, atOnce: 4 });
    const found = await ended(world, running);
    return {
      counts: { jumps: cycles, "of them backward": backward, ...found.counts },
      faults: found.faults,
    };
  } finally {
    await world.close();
  }
}
