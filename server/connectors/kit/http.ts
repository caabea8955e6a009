import { Agent, errors, request as send } from "undici";
import { clip, oneLine } from "#domain/text.ts";
import type { Clock } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import type { ConnectorHttp, HttpAnswer, HttpCall } from "#server/connectors/contract.ts";
import { addressGuard, RefusedAddress } from "./addresses.ts";
import { startTurns, type Turns } from "./turns.ts";

interface OutboundOptions {
  /** CIDR ranges that may be called though they are private (`config.outboundAllow`). */
  allow: readonly string[];
  clock: Clock;
  /** For connecting, for the headers and for each part of the body; the whole may take twice as long. */
  timeoutMs: number;
  /** True in a rehearsal: nothing is sent, neither questions, which may renew a token, nor changes. */
  rehearsal?: boolean;
}

const largestAnswer = 10 * 1024 * 1024;

export type Outbound = ReturnType<typeof openOutbound>;

/**
 * The one HTTP client to business systems: no redirects, no private addresses (checked on the
 * address that is connected to), bounded in time and size. Each connection has its own turns.
 */
export function openOutbound({ allow, clock, timeoutMs, rehearsal = false }: OutboundOptions) {
  const guard = addressGuard(allow);
  const agent = new Agent({
    connect: { lookup: guard.lookup, timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: largestAnswer,
    connections: 8,
  });

  async function call(name: string, { url, method, headers, body }: HttpCall): Promise<HttpAnswer> {
    if (rehearsal) {
      const words = `This is a rehearsal: nothing is sent to ${name}`;
      throw new UpstreamError(words, { outcome: "not_sent" });
    }
    try {
      const target = new URL(url);
      if (!/^https?:$/.test(target.protocol))
        throw new RefusedAddress(`${url} is not http or https`);
      guard.requireLiteral(target);
      const answer = await send(target, {
        dispatcher: agent,
        method,
        headers: { accept: "application/json", "user-agent": "invoice-status-portal", ...headers },
        body: body ?? null,
        signal: AbortSignal.timeout(2 * timeoutMs),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, headers: headersOf(answer.headers), text };
    } catch (cause) {
      throw translated(name, method, cause);
    }
  }

  return {
    /** The client as one connection uses it; `turns` bounds how much it asks at once. */
    bind(name: string, turns: Turns = startTurns({ atOnce: 4, perSecond: 20 })): ConnectorHttp {
      const request = (asked: HttpCall) => turns.take(() => call(name, asked));
      return { name, request, now: clock };
    },
    close: () => agent.destroy(),
  };
}

const mayPassFor = [401, 403, 408, 425, 429];

/**
 * The error for an answer that is no success. 408, 425, 429 and 5xx are tried again, not before
 * Retry-After; other refusals would be repeated, so they park (`retryAt` null), except 401 and 403,
 * where an administrator may mend the key meanwhile, and a question's 409 and 412, which speak of a
 * moment (a write has to be made anew). After a failed write nobody knows whether it took effect
 * (`unknown`), unless the answer says that it was not tried.
 */
export function failureOf(http: ConnectorHttp, method: string, answer: HttpAnswer): UpstreamError {
  const { status, headers } = answer;
  const words = clip(oneLine(answer.text.replace(/\s+/g, " ")), 200);
  const message = `${http.name} answered ${status}${words === "" ? "" : `: ${words}`}`;
  const isDone = status < 500 || status === 503 || method === "GET";
  const outcome = isDone ? "refused" : "unknown";
  const after = retryAfter(headers, http.now());
  if (after !== undefined) return new UpstreamError(message, { status, outcome, retryAt: after });
  const passing = method === "GET" ? [...mayPassFor, 409, 412] : mayPassFor;
  const mayPass = status >= 500 || passing.includes(status);
  if (mayPass) return new UpstreamError(message, { status, outcome });
  return new UpstreamError(message, { status, outcome, retryAt: null });
}

/** When a system wants to be asked again: seconds from now, or an HTTP date. */
export function retryAfter(headers: Headers, now: Date): string | undefined {
  const text = headers.get("retry-after")?.trim();
  if (!text) return undefined;
  const ms = /^\d{1,7}$/.test(text) ? now.getTime() + Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(Math.max(ms, now.getTime())).toISOString();
}

function headersOf(raw: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const item of [value ?? []].flat()) headers.append(name, item);
  }
  return headers;
}

const beforeSending = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function translated(name: string, method: string, cause: unknown): UpstreamError {
  const words = cause instanceof Error ? cause.message || codeOf(cause) : String(cause);
  const message = `${name} could not be reached: ${words}`;
  if (cause instanceof RefusedAddress || cause instanceof TypeError) {
    return new UpstreamError(message, { cause, outcome: "not_sent", retryAt: null });
  }
  if (cause instanceof errors.ResponseExceededMaxSizeError) {
    return new UpstreamError(`${name} answered more than 10 MiB`, { cause, outcome: "unknown" });
  }
  const code = codeOf(cause);
  const notSent = beforeSending.has(code) || /CERT|TLS|SSL|UNABLE_TO|SELF_SIGNED/.test(code);
  // Asking changes nothing there, so a question that got lost did no harm.
  const outcome = notSent ? "not_sent" : method === "GET" ? "refused" : "unknown";
  return new UpstreamError(message, { cause, outcome });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
