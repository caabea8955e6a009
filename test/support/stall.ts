import { monitorEventLoopDelay } from "node:perf_hooks";

/** Bar of the project: no request or socket of a stranger keeps the event loop longer than this. */
export const longestStallMs = 100;

/**
 * The longest that the event loop stood still while `work` ran, in milliseconds: the smallest of up to
 * five tries, since a busy machine adds to each and takes nothing away. Ends with the first below the bar.
 */
export async function stallOf(work: () => Promise<void>): Promise<number> {
  let smallest = Infinity;
  for (let attempt = 0; attempt < 5 && smallest >= longestStallMs; attempt++) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await work();
    // The timer that measures is late by the stall itself.
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay.disable();
    smallest = Math.min(smallest, delay.max / 1e6);
  }
  return smallest;
}
