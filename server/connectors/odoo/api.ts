import { z } from "zod";
import { clip } from "#domain/text.ts";
import { UpstreamError } from "#server/errors.ts";
import type { ConnectorHttp, HttpAnswer } from "#server/connectors/contract.ts";
import { failureOf } from "#server/connectors/kit/http.ts";
import { readAnswer } from "#server/connectors/kit/rest.ts";
import { startTurns } from "#server/connectors/kit/turns.ts";
import { jsonRpc } from "./json-rpc.ts";

export interface Access {
  url: string;
  protocol: "json-2" | "json-rpc";
  database: string | undefined;
  login: string | undefined;
  apiKey: string;
}

/** What a method is called with: the records' ids, and the arguments by name. */
export interface Arguments {
  ids?: number[];
  domain?: unknown[];
  [name: string]: unknown;
}

export interface OdooCall {
  model: string;
  method: string;
  given: Arguments;
  /** Asking changes nothing, so that a lost answer does no harm. */
  isQuestion: boolean;
}

export type OdooApi = ReturnType<typeof odooApi>;

/**
 * Odoo's External API: JSON-2 (19.0 and later) or JSON-RPC. One call at a time, as its hosting asks
 * for. Each failure is an UpstreamError by what Odoo says; 404 stands for a record that is not there.
 */
export function odooApi(http: ConnectorHttp, access: Access | null) {
  const turns = startTurns({ atOnce: 1, perSecond: 20 });
  const call = access && caller(http, access);

  function take<T>(made: OdooCall, schema: z.ZodType<T>): Promise<T> {
    if (call) return turns.take(() => call(made, schema));
    const words = `${http.name} cannot be asked: its address or apiKey is not set`;
    throw new UpstreamError(words, { outcome: "not_sent", retryAt: null });
  }

  return {
    http,
    /** Reads. */
    ask: async <T>(model: string, method: string, given: Arguments, schema: z.ZodType<T>) =>
      take({ model, method, given, isQuestion: true }, schema),
    /** Writes; each call is a transaction of its own there. */
    tell: async <T>(model: string, method: string, given: Arguments, schema: z.ZodType<T>) =>
      take({ model, method, given, isQuestion: false }, schema),
  };
}

function caller(http: ConnectorHttp, access: Access) {
  return access.protocol === "json-2" ? json2(http, access) : jsonRpc(http, access);
}

/** `POST /json/2/<model>/<method>`: arguments by name, the bare value as answer. */
function json2(http: ConnectorHttp, { url, apiKey, database }: Access) {
  const base = url.replace(/\/+$/, "");
  const headers = {
    authorization: `bearer ${apiKey}`,
    "content-type": "application/json; charset=utf-8",
    ...(database !== undefined && { "x-odoo-database": database }),
  };
  return async <T>({ model, method, given, isQuestion }: OdooCall, schema: z.ZodType<T>) => {
    const path = `${base}/json/2/${model}/${method}`;
    const body = JSON.stringify(given);
    const answer = await http.request({ method: "POST", url: path, headers, body });
    requireSuccess(http, answer, isQuestion);
    return readAnswer(http, { method: isQuestion ? "GET" : "POST", schema, answer });
  };
}

const Failure = z.object({ name: z.string(), message: z.string() });

/** An exception undid the call's transaction, so that its outcome is known. */
function requireSuccess(http: ConnectorHttp, answer: HttpAnswer, isQuestion: boolean): void {
  const { status } = answer;
  if (status >= 200 && status <= 299) return;
  const failure = failureOf(http, isQuestion ? "GET" : "POST", answer);
  const { name = "", message } = failureIn(answer) ?? {};
  if (status === 404 && !name.endsWith("MissingError")) {
    // Without a status: 404 stands for a record that was deleted, and this says nothing of one.
    const about = `${http.name} answered 404, and not about a record: is its address right?`;
    throw new UpstreamError(about, { cause: failure });
  }
  if (message === undefined) throw failure;
  const { retryAt } = failure;
  const words = `${http.name} answered ${status}: ${clip(message, 200)}`;
  throw new UpstreamError(words, { status, ...(retryAt !== undefined && { retryAt }) });
}

function failureIn({ text }: HttpAnswer): z.infer<typeof Failure> | undefined {
  try {
    return Failure.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a proxy's page: the status says enough
    throw error;
  }
}
