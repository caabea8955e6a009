import { z } from "zod";
import { clip } from "#domain/text.ts";
import { UpstreamError } from "#server/errors.ts";
import type {
  ConnectorHttp,
  HttpAnswer,
  HttpCall,
  Organisation,
} from "#server/connectors/contract.ts";
import { withToken } from "#server/connectors/kit/bearer.ts";
import { failureOf } from "#server/connectors/kit/http.ts";
import { readAnswer } from "#server/connectors/kit/rest.ts";
import { startTurns } from "#server/connectors/kit/turns.ts";
import { startQuota } from "./quota.ts";

interface Access {
  /** Without the path of the accounting API. */
  baseUrl: string;
  organisation: Pick<Organisation<unknown>, "account" | "token" | "renew">;
}

interface Write<T> {
  method: "POST" | "PUT";
  body: object;
  /** At most 128 characters; Xero does what comes under it once. */
  key: string;
  schema: z.ZodType<T>;
}

/** Xero allows five for an organisation: deliveries are read and receipts written side by side. */
const atOnce = 2;

export type XeroApi = ReturnType<typeof xeroApi>;

/** Xero's accounting API for one organisation. Every failure is an UpstreamError with Xero's own words. */
export function xeroApi(http: ConnectorHttp, { baseUrl, organisation }: Access) {
  const base = `${baseUrl.replace(/\/+$/, "")}/api.xro/2.0`;
  const quota = startQuota(http);
  const turns = startTurns({ atOnce, perSecond: 1000 });
  const authorised = withToken(http, organisation);

  async function ask(path: string, call: Omit<HttpCall, "url">): Promise<HttpAnswer> {
    const headers = { accept: "application/json", "xero-tenant-id": organisation.account };
    const given = { ...headers, ...call.headers };
    return turns.take(async () => {
      quota.take();
      const answer = await authorised.request({ ...call, url: base + path, headers: given });
      quota.heed(answer);
      return answer;
    });
  }

  async function read<T>(path: string, schema: z.ZodType<T>, headers = {}): Promise<T> {
    const answer = await ask(path, { method: "GET", headers });
    requireSuccess(http, "GET", answer);
    return readAnswer(http, { method: "GET", schema, answer });
  }

  return {
    http,
    get: read,
    /** As `get`, but null when Xero answers 404. */
    async find<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
      const answer = await ask(path, { method: "GET" });
      if (answer.status === 404) return null;
      requireSuccess(http, "GET", answer);
      return readAnswer(http, { method: "GET", schema, answer });
    },
    async write<T>(path: string, { method, body, key, schema }: Write<T>): Promise<T> {
      const headers = { "content-type": "application/json", "idempotency-key": key };
      const answer = await ask(path, { method, body: JSON.stringify(body), headers });
      requireSuccess(http, method, answer);
      return readAnswer(http, { method, schema, answer });
    },
  };
}

/** Xero understood and said no (ValidationException): the same would be refused again. */
export class XeroRefusal extends UpstreamError {
  override name = "XeroRefusal";
}

const Refusal = z.object({
  Type: z.string().nullish(),
  Message: z.string().nullish(),
  Detail: z.string().nullish(),
  Elements: z
    .array(z.object({ ValidationErrors: z.array(z.object({ Message: z.string() })).nullish() }))
    .nullish(),
});

function requireSuccess(http: ConnectorHttp, method: string, answer: HttpAnswer): void {
  const { status } = answer;
  if (status >= 200 && status <= 299) return;
  const failure = failureOf(http, method, answer);
  const refusal = refusalIn(answer);
  const problem = answer.headers.get("x-rate-limit-problem");
  const words = problem === null ? refusal?.words : `its limit per ${problem} is reached`;
  const message = words ? `${http.name} answered ${status}: ${words}` : failure.message;
  const { outcome, retryAt } = failure;
  if (status === 400 && refusal?.type === "ValidationException") {
    throw new XeroRefusal(message, { status, outcome, retryAt: null });
  }
  throw new UpstreamError(message, { status, outcome, ...(retryAt !== undefined && { retryAt }) });
}

/** Each validation error, else the message, at most 200 characters; undefined when it is no JSON. */
function refusalIn({ text }: HttpAnswer): { type: string | null; words: string } | undefined {
  try {
    const read = Refusal.safeParse(JSON.parse(text));
    if (!read.success) return undefined;
    const { Type, Message, Detail, Elements } = read.data;
    const errors = (Elements ?? []).flatMap(({ ValidationErrors }) => ValidationErrors ?? []);
    const said =
      errors.length > 0 ? errors.map((error) => error.Message) : [Message ?? Detail ?? ""];
    return { type: Type ?? null, words: clip(said.join("; "), 200) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // the status says enough
    throw error;
  }
}
