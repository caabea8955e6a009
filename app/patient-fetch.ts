type Fetch = typeof globalThis.fetch;

/** How long a page waits before it says that the portal did not answer. */
const patienceMs = 30_000;
/** What a proxy answers while the portal restarts, and the portal while it starts. */
const away = new Set([502, 503, 504]);

/**
 * The browser's fetch with patience for what pages load and send while the portal restarts or the
 * connection is lost for a moment: a load that fails takes the page off the screen, and what was being
 * typed on it. A load is tried again; something sent is held back until the portal answers and then sent
 * once, since a lost answer does not say whether it was taken. Other requests are left alone.
 */
export function patient(fetch: Fetch): Fetch {
  return async (input, init) => {
    if (!(input instanceof URL) || !input.pathname.endsWith(".data")) return fetch(input, init);
    const giveUpAt = Date.now() + patienceMs;
    const signal = init?.signal ?? null;
    if (init?.method !== undefined && init.method !== "GET") {
      await untilAnswering({ fetch, giveUpAt, signal });
      return fetch(input, init);
    }
    for (const pauseMs of pauses()) {
      const last = Date.now() + pauseMs > giveUpAt;
      const answer = await fetch(input, init).catch((error: unknown) => {
        if (last || signal?.aborted) throw error;
        return null;
      });
      if (answer && (last || !away.has(answer.status))) return answer;
      await pause(pauseMs, signal);
    }
    throw new Error("There is always another pause");
  };
}

interface Waiting {
  fetch?: Fetch;
  /** Then the last answer counts, whatever it is; never unless told. */
  giveUpAt?: number;
  signal: AbortSignal | null;
}

/** Resolves once the portal can serve pages. Rejects as fetch does when it is given up or called off. */
export async function untilAnswering({
  fetch = globalThis.fetch,
  giveUpAt = Infinity,
  signal,
}: Waiting): Promise<void> {
  for (const pauseMs of pauses()) {
    const last = Date.now() + pauseMs > giveUpAt;
    const answer = await fetch("/readyz", { signal, cache: "no-store" }).catch((error: unknown) => {
      if (last || signal?.aborted) throw error;
      return null;
    });
    if (last || answer?.ok) return;
    await pause(pauseMs, signal);
  }
}

/** Longer each time, and not the same for all pages that wait for one portal. */
function* pauses(): Generator<number, void> {
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 4_000)) {
    yield pauseMs * (0.75 + Math.random() / 2);
  }
}

function pause(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
