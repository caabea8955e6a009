import { z } from "zod";
import { clip } from "#domain/text.ts";
import { UpstreamError, type UpstreamOutcome } from "#server/errors.ts";
import type { ConnectorHttp, HttpAnswer, Organisation } from "#server/connectors/contract.ts";
import { withToken } from "#server/connectors/kit/bearer.ts";
import { ZonedInstant } from "#server/connectors/kit/dates.ts";
import { failureOf } from "#server/connectors/kit/http.ts";
import { encoded, readAnswer, restApi } from "#server/connectors/kit/rest.ts";
import { startTurns } from "#server/connectors/kit/turns.ts";

/** The lowest version of the objects that is still served, and the one that the schemas are for. */
const minorVersion = "75";
/** "API call limits and throttles": 500 a minute and ten a second for one company. */
const limits = { atOnce: 4, perSecond: 8 };
/** Whoever was throttled waits a minute. */
const throttledMs = 60_000;

export type QuickBooksApi = ReturnType<typeof quickBooksApi>;

interface Company extends Pick<Organisation<unknown>, "account" | "token" | "renew"> {
  /** Scheme and host of the API. */
  baseUrl: string;
}

/** One company's API. Every failure is an UpstreamError by what the fault's code means. */
export function quickBooksApi(http: ConnectorHttp, { baseUrl, account, ...grant }: Company) {
  const turns = startTurns(limits);
  const paced: ConnectorHttp = {
    ...http,
    request: (call) => turns.take(() => http.request(call)),
  };
  const company = `${baseUrl.replace(/\/+$/, "")}/v3/company/${encodeURIComponent(account)}`;
  const rest = restApi(withToken(paced, grant), company, () => ({}));

  return {
    http,
    /** What a path holds. Throws, too, when there is nothing. */
    async get<T>(path: string, query: Record<string, string>, schema: z.ZodType<T>): Promise<T> {
      const answer = await rest.ask(pathWith(path, query), { method: "GET" });
      requireSuccess(http, "GET", answer);
      return readAnswer(http, { method: "GET", schema, answer });
    },
    /** What was made of the object. The same `requestId` gives the first answer again. */
    async post<T>(
      path: string,
      body: object,
      { requestId, schema }: { requestId: string; schema: z.ZodType<T> },
    ): Promise<T> {
      const address = pathWith(path, { requestid: requestId });
      const answer = await rest.ask(address, { method: "POST", ...encoded(body) });
      requireSuccess(http, "POST", answer);
      return readAnswer(http, { method: "POST", schema, answer });
    },
  };
}

/** Spaces as %20: a query statement with "+" in it is taken literally. */
function pathWith(path: string, query: Record<string, string>): string {
  const given = Object.entries({ ...query, minorversion: minorVersion });
  return `${path}?${given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

interface FaultOptions {
  status: number;
  code: string;
  outcome: UpstreamOutcome;
  retryAt: string | null | undefined;
  at: string;
}

/** A refusal with QuickBooks' own code. */
export class QuickBooksFault extends UpstreamError {
  override name = "QuickBooksFault";
  readonly code: string;
  /** QuickBooks' clock when it said so. */
  readonly at: string;

  constructor(message: string, { status, code, outcome, retryAt, at }: FaultOptions) {
    super(message, { status, outcome, ...(retryAt !== undefined && { retryAt }) });
    this.code = code;
    this.at = at;
  }
}

/** Whether the object is not there any more (code 610). */
export function isGone(error: unknown): error is QuickBooksFault {
  return error instanceof QuickBooksFault && error.code === "610";
}

/** Whether somebody else changed the object since it was read (code 5010). */
export function isStale(error: unknown): error is QuickBooksFault {
  return error instanceof QuickBooksFault && error.code === "5010";
}

const Words = z.string().nullish();
const FaultError = z.object({ Message: Words, Detail: Words, code: Words });
/** The gateway in front of the API writes the same in lower case. */
const GatewayError = z
  .object({ message: Words, detail: Words, code: Words })
  .transform(({ message, detail, code }) => ({ Message: message, Detail: detail, code }));
const Fault = z.union([
  z
    .object({ Fault: z.object({ Error: z.array(FaultError) }) })
    .transform((body) => body.Fault.Error),
  z
    .object({ fault: z.object({ error: z.array(GatewayError) }) })
    .transform((body) => body.fault.error),
]);
const Timed = z.object({ time: ZonedInstant });

/** Words for what an administrator can mend. */
const meanings: Record<string, string> = {
  "003001": "it was asked too often",
  "3200": "it no longer takes the app's token; if this stays, connect the company again",
  "5010": "somebody else changed the invoice at the same moment",
  "6000": "its rules do not allow this, e.g. because the books are closed",
};

function requireSuccess(http: ConnectorHttp, method: string, answer: HttpAnswer): void {
  const { status } = answer;
  if (status >= 200 && status <= 299) return;
  const failure = failureOf(http, method, answer);
  const body = parsed(answer.text);
  const read = Fault.safeParse(body);
  const [error] = read.success ? read.data : [];
  const code = error?.code ?? "";
  const said = [error?.Message, error?.Detail].flatMap((text) => text?.trim() || []);
  const own = meanings[code] ?? meaningOf(status);
  const words = [own, [...new Set(said)].join(": ")].filter(Boolean).join(". ");
  const message = words === "" ? failure.message : `${http.name} answered ${status}: ${words}`;
  const { outcome } = failure;
  const timed = Timed.safeParse(body);
  const at = timed.success ? timed.data.time : http.now().toISOString();
  const retryAt = retryOf(http, { status, code, failure });
  throw new QuickBooksFault(clip(message, 400), { status, code, outcome, retryAt, at });
}

function meaningOf(status: number): string | undefined {
  if (status === 401) return meanings["3200"];
  if (status === 429) return meanings["003001"];
  if (status !== 403) return undefined;
  return "access is refused: the app was disconnected, or who connected it is no administrator there";
}

/** A conflict passes by itself, a throttle after a minute; what breaks a rule goes on breaking it. */
function retryOf(
  http: ConnectorHttp,
  { status, code, failure }: { status: number; code: string; failure: UpstreamError },
): string | null | undefined {
  if (code === "5010") return undefined;
  if (status !== 429 && code !== "003001") return failure.retryAt;
  const soonest = new Date(http.now().getTime() + throttledMs).toISOString();
  return failure.retryAt && failure.retryAt > soonest ? failure.retryAt : soonest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // the status says enough
    throw error;
  }
}
