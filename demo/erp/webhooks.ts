import { signedHeaders } from "./signature.ts";
import type { Store } from "./store.ts";
import { dueWebhooks, makeAllDue, nextDueAt, noteAttempt, type Webhook } from "./webhook-queue.ts";

const atOnce = 8;
const timeoutMs = 20_000;

type Target = { store: Store; url: string; secret: string; now: () => Date; pausesMs: number[] };
export type Sender = ReturnType<typeof startSender>;

/**
 * Sends queued webhooks to the portal, in order per invoice. What is not answered 2xx is sent again
 * under the same webhook-id after growing pauses (the last pause repeats); 410 ends it.
 */
export function startSender({ store, url, secret, now, pausesMs }: Target) {
  const busy = new Map<string, Promise<void>>(); // by invoice
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  function wake(): void {
    if (stop.signal.aborted) return;
    clearTimeout(timer);
    const at = now().toISOString();
    const due = dueWebhooks(store, { now: at, limit: atOnce + busy.size });
    for (const webhook of due) {
      const { invoice_id } = webhook;
      if (busy.size >= atOnce || busy.has(invoice_id)) continue;
      const sent = send(webhook).finally(() => {
        busy.delete(invoice_id);
        wake();
      });
      busy.set(invoice_id, sent);
    }
    const next = nextDueAt(store, at);
    if (next) timer = setTimeout(wake, Math.max(1, Date.parse(next) - now().getTime()));
  }

  async function send({ sequence, id, body, attempts }: Webhook): Promise<void> {
    const headers = signedHeaders({ id, sentAt: now(), body, secret });
    const { status, answer } = await post(url, { headers, body, stop: stop.signal });
    if (stop.signal.aborted && status === null) return; // closing; the webhook stays queued
    const at = now();
    const ends = status === 410 || (status !== null && status >= 200 && status < 300);
    const pause = pausesMs[Math.min(attempts, pausesMs.length - 1)] ?? 0;
    const dueAt = new Date(at.getTime() + pause).toISOString();
    const next = ends ? { doneAt: at.toISOString() } : { dueAt };
    noteAttempt(store, { sequence, status, answer, ...next });
  }

  return {
    wake,
    /** Tries everything that waits now, whatever its pause. */
    retryNow() {
      makeAllDue(store, now().toISOString());
      wake();
    },
    /** Stops sending and waits for what is under way. */
    async close() {
      stop.abort();
      clearTimeout(timer);
      await Promise.all(busy.values());
    },
  };
}

type Post = { headers: Record<string, string>; body: Buffer; stop: AbortSignal };

/** The answer's status and its first words; status null and why when there was none. */
async function post(url: string, { headers, body, stop }: Post) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: new Uint8Array(body),
      redirect: "manual",
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    });
    return { status: response.status, answer: (await response.text()).slice(0, 300) };
  } catch (error) {
    return { status: null, answer: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message ? cause.message : error.message;
}
