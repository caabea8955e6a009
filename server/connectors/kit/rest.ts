import type { z } from "zod";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { ConnectorHttp, HttpAnswer, HttpCall } from "#server/connectors/contract.ts";
import { failureOf } from "./http.ts";
import { readJson } from "./json.ts";

interface PostOptions {
  idempotencyKey?: string;
}

/**
 * A JSON API below a base URL. Every answer is read by a schema: what does not fit is an
 * UpstreamError, as is every status but 2xx. `headers` is asked before each call.
 */
export function restApi(
  http: ConnectorHttp,
  baseUrl: string,
  headers: () => Promise<Record<string, string>> | Record<string, string>,
) {
  const base = baseUrl.replace(/\/+$/, "");

  async function ask(path: string, call: Omit<HttpCall, "url">): Promise<HttpAnswer> {
    const given = { ...(await headers()), ...call.headers };
    return http.request({ ...call, url: base + path, headers: given });
  }

  return {
    http,
    ask,
    /** The answer read by the schema. */
    async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
      return readAnswer(http, {
        method: "GET",
        schema,
        answer: await ask(path, { method: "GET" }),
      });
    },
    /** As `get`, but null when the system answers 404. */
    async find<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
      const answer = await ask(path, { method: "GET" });
      if (answer.status === 404) return null;
      return readAnswer(http, { method: "GET", schema, answer });
    },
    /** Sends JSON, or a form when given URLSearchParams. */
    async post<T>(
      path: string,
      body: URLSearchParams | object,
      schema: z.ZodType<T>,
      { idempotencyKey }: PostOptions = {},
    ): Promise<T> {
      const answer = await ask(path, { method: "POST", ...encoded(body, idempotencyKey) });
      return readAnswer(http, { method: "POST", schema, answer });
    },
  };
}

/** A body with its content type and, if given, its Idempotency-Key. */
export function encoded(body: URLSearchParams | object, idempotencyKey?: string) {
  const isForm = body instanceof URLSearchParams;
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  return {
    body: isForm ? body.toString() : JSON.stringify(body),
    headers: {
      "content-type": type,
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
    },
  };
}

/** The answer is JSON, but not what the schema asks for: asking again would give the same. */
export class UnreadableAnswer extends UpstreamError {
  override name = "UnreadableAnswer";
}

interface Reading<T> {
  method: string;
  schema: z.ZodType<T>;
  answer: HttpAnswer;
}

/**
 * The body of a 2xx by its schema. Throws UpstreamError for any other status and for what is no JSON,
 * UnreadableAnswer for other JSON.
 */
export function readAnswer<T>(http: ConnectorHttp, { method, schema, answer }: Reading<T>): T {
  if (answer.status < 200 || answer.status > 299) throw failureOf(http, method, answer);
  try {
    return readJson(schema, Buffer.from(answer.text));
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    const message = `${http.name} answered ${answer.status} with a body we cannot read: ${cause.message}`;
    const outcome = method === "GET" ? "refused" : "unknown";
    const options = { cause, outcome, status: answer.status } as const;
    throw cause.status === 422
      ? new UnreadableAnswer(message, options)
      : new UpstreamError(message, options);
  }
}
