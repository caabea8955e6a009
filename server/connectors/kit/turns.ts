import { setTimeout as pause } from "node:timers/promises";

export interface Turns {
  /** Runs the work when it is its turn. */
  take: <T>(work: () => Promise<T>) => Promise<T>;
}

/** First come, first served: at most `atOnce` at a time, begun at least 1/`perSecond` apart. */
export function startTurns({ atOnce, perSecond }: { atOnce: number; perSecond: number }): Turns {
  const waiting: (() => void)[] = [];
  let busy = 0;
  let nextAt = 0;

  async function enter(): Promise<void> {
    if (busy < atOnce) busy += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    const now = performance.now();
    const at = Math.max(now, nextAt);
    nextAt = at + 1000 / perSecond;
    if (at > now) await pause(at - now);
  }

  /** Hands the place on, so that nobody who comes later gets in between. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  }

  return {
    async take(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
