import { readFileSync } from "node:fs";

/** Bar of the project: no request or socket of a stranger keeps the event loop longer than this. */
export const longestStallMs = 100;
const tickMs = 5;

/**
 * The longest that the event loop stood still while `work` ran, in milliseconds, without the time in which
 * other programs had the processor: the smallest of up to five tries, since a busy machine adds to each and
 * takes nothing away. Ends with the first below the bar.
 */
export async function stallOf(work: () => Promise<void>): Promise<number> {
  let smallest = Infinity;
  for (let attempt = 0; attempt < 5 && smallest >= longestStallMs; attempt++) {
    const watch = watchLoop();
    await work();
    // The timer that measures is late by the stall itself.
    await new Promise((resolve) => setTimeout(resolve, 4 * tickMs));
    smallest = Math.min(smallest, watch.stop());
  }
  return smallest;
}

/** Measures from tick to tick how late the event loop is. */
function watchLoop() {
  let longest = 0;
  let last = { at: performance.now(), waited: waitedMs() };
  const look = () => {
    const now = { at: performance.now(), waited: waitedMs() };
    longest = Math.max(longest, now.at - last.at - (now.waited - last.waited) - tickMs);
    last = now;
  };
  const timer = setInterval(look, tickMs);
  return {
    stop(): number {
      clearInterval(timer);
      return longest;
    },
  };
}

/** How long this thread stood in line for a processor, as Linux counts it; 0 where nobody counts. */
function waitedMs(): number {
  try {
    const [, waitedNs] = readFileSync("/proc/self/schedstat", "utf8").split(" ");
    return Number(waitedNs) / 1e6;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}
