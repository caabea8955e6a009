import { z } from "zod";
import { UpstreamError } from "#server/errors.ts";
import type { ConnectorHttp, HttpAnswer } from "#server/connectors/contract.ts";
import { failureOf } from "#server/connectors/kit/http.ts";
import { encoded, readAnswer, restApi } from "#server/connectors/kit/rest.ts";

/** The version that the schemas here were written for. */
export const stripeVersion = "2026-10-28.endive";

interface Access {
  baseUrl: string;
  apiKey: string | undefined;
  /** For Connect platforms. */
  account: string | undefined;
}

export type StripeApi = ReturnType<typeof stripeApi>;

/** Stripe's API: forms in, JSON out. Every failure is an UpstreamError by what Stripe says of it. */
export function stripeApi(http: ConnectorHttp, { baseUrl, apiKey, account }: Access) {
  const rest = restApi(http, baseUrl, () => {
    if (apiKey === undefined) {
      const options = { outcome: "not_sent", retryAt: null } as const;
      throw new UpstreamError("Stripe cannot be asked: apiKey is not set", options);
    }
    return {
      authorization: `Bearer ${apiKey}`,
      "stripe-version": stripeVersion,
      ...(account !== undefined && { "stripe-account": account }),
    };
  });

  /** What a path holds, and Stripe's clock when it said so; null when there is nothing (404). */
  async function find<T>(path: string, schema: z.ZodType<T>) {
    const answer = await rest.ask(path, { method: "GET" });
    if (answer.status === 404) return null;
    requireSuccess(http, "GET", answer);
    return {
      value: readAnswer(http, { method: "GET", schema, answer }),
      at: clockOf(http, answer),
    };
  }

  return {
    http,
    find,
    async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
      const answer = await rest.ask(path, { method: "GET" });
      requireSuccess(http, "GET", answer);
      return readAnswer(http, { method: "GET", schema, answer });
    },
    /** A write that Stripe does once per key, however often it is sent. */
    async post<T>(
      path: string,
      form: URLSearchParams,
      { key, schema }: { key: string; schema: z.ZodType<T> },
    ): Promise<T> {
      const answer = await rest.ask(path, { method: "POST", ...encoded(form, key) });
      requireSuccess(http, "POST", answer);
      return readAnswer(http, { method: "POST", schema, answer });
    },
  };
}

/** The same key was used with other values: an earlier try with it may have taken effect. */
export class KeyUsedBefore extends UpstreamError {
  override name = "KeyUsedBefore";
}

const Failure = z.object({ error: z.object({ type: z.string(), message: z.string().nullish() }) });

/** Throws what an answer that is no success means; `Stripe-Should-Retry` goes before the status. */
function requireSuccess(http: ConnectorHttp, method: string, answer: HttpAnswer): void {
  const { status } = answer;
  if (status >= 200 && status <= 299) return;
  const { type, message } = errorIn(answer);
  const failure = failureOf(http, method, answer);
  const words = message === null ? failure.message : `Stripe answered ${status}: ${message}`;
  if (type === "idempotency_error") {
    throw new KeyUsedBefore(words, { status, outcome: "unknown", retryAt: null });
  }
  const { outcome } = failure;
  const retryAt = retryOf(answer, failure);
  throw new UpstreamError(words, { status, outcome, ...(retryAt !== undefined && { retryAt }) });
}

function retryOf({ status, headers }: HttpAnswer, failure: UpstreamError) {
  const advice = headers.get("stripe-should-retry");
  // What failed is stored under the key and would only be answered again.
  if (advice === "false" && status !== 429) return null;
  return advice === "true" ? (failure.retryAt ?? undefined) : failure.retryAt;
}

function errorIn({ text }: HttpAnswer): { type: string | null; message: string | null } {
  try {
    const read = Failure.safeParse(JSON.parse(text));
    if (read.success)
      return { type: read.data.error.type, message: read.data.error.message ?? null };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // no JSON: the status says enough
  }
  return { type: null, message: null };
}

function clockOf(http: ConnectorHttp, { headers }: HttpAnswer): string {
  const ms = Date.parse(headers.get("date") ?? "");
  return (Number.isNaN(ms) ? http.now() : new Date(ms)).toISOString();
}
