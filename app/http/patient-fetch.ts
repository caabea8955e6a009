import { noteReference } from "./reference.ts";

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
    const wait = { giveUpAt: Date.now() + patienceMs, signal: init?.signal ?? null };
    const isLoad = init?.method === undefined || init.method === "GET";
    if (!isLoad) await persist(() => askReady(fetch, wait.signal), wait);
    const answer = await (isLoad ? persist(() => fetch(input, init), wait) : fetch(input, init));
    noteReference(answer);
    return answer;
  };
}

/** Resolves once the portal can serve pages. Rejects when it is called off. */
export async function untilAnswering(signal: AbortSignal): Promise<void> {
  await persist(() => askReady(globalThis.fetch, signal), { giveUpAt: Infinity, signal });
}

function askReady(fetch: Fetch, signal: AbortSignal | null): Promise<Response> {
  return fetch("/readyz", { signal, cache: "no-store" });
}

interface Wait {
  /** Then the last answer counts, whatever it is. */
  giveUpAt: number;
  signal: AbortSignal | null;
}

/** Asks until the portal itself answers, less often each time and not with all pages at once. */
async function persist(ask: () => Promise<Response>, { giveUpAt, signal }: Wait) {
  for (let most = 250; ; most = Math.min(most * 2, 4_000)) {
    const pauseMs = most * (0.75 + Math.random() / 2);
    const last = Date.now() + pauseMs > giveUpAt;
    const answer = await ask().catch((error: unknown) => {
      if (last || signal?.aborted) throw error;
      return null;
    });
    if (answer && (last || !away.has(answer.status))) return answer;
    await pause(pauseMs, signal);
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
