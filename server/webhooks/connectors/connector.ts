import type { z } from "zod";
import type { Change, ConnectorKind, InvoiceRef, InvoiceSnapshot } from "#server/domain/change.ts";
import type { EventType } from "#server/domain/event.ts";
import type { Instant } from "#server/domain/time.ts";
import type { WriteBackRequest } from "#server/domain/write-back.ts";
import type { RequestHeaders } from "./kit/request-headers.ts";

/** A request as it came: header names lower case, the body's bytes after gzip was undone. */
export interface Delivery {
  method: string;
  headers: RequestHeaders;
  body: Buffer;
  receivedAt: Date;
}

/** An answer to a system: a plain status, or one with headers and words. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** What the system answered: its own id of what we wrote, and whether a second look found it equal. */
export interface Receipt {
  reference: string | null;
  readBack: boolean;
  /** Its words or status, for the record, at most 300 characters. */
  answer: string;
}

export interface ChangedPage {
  /** Each invoice's snapshot, followed by its payments and credits where the system lists them. */
  changes: Change[];
  /** null: no more. Otherwise handed back unchanged. */
  next: string | null;
}

/**
 * One business system. `parse` is pure: no clock, database or network. `verify` throws RequestError
 * (401) when the request is not authentic. `Api` is what `api` builds from settings and secrets.
 */
export interface Connector<Settings, Secrets, Api> {
  name: string;
  kind: ConnectorKind;
  /** Zod objects; the set-up form and its documentation come from them (use `.meta({ title, description })`). */
  settings: z.ZodType<Settings>;
  secrets: z.ZodType<Secrets>;
  /** Steps for the administrator; `{url}` is the connection's address. */
  setUp: string[];
  /** Sender is somebody's own code: an authentic but unusable body is answered 422, not 2xx. */
  answersUnusable: boolean;
  /** What a system is told when all is well. */
  accepted: Answer;
  api: (settings: Settings, secrets: Secrets, http: ConnectorHttp) => Api;
  /** Answers what is not a delivery (OPTIONS, challenge, ping after `verify`); undefined: it is one. */
  handshake?: (delivery: Delivery, settings: Settings, secrets: Secrets) => Answer | undefined;
  verify: (delivery: Delivery, secrets: Secrets, settings: Settings) => void;
  /** True after `verify` for a test message that carries nothing: counted, not stored. */
  isPing?: (delivery: Delivery) => boolean;
  /** The same for each retry of one message; null: every request is new. */
  dedupeKey: (delivery: Delivery) => string | null;
  parse: (delivery: Delivery, settings: Settings) => Change[];
  /** The invoice as it is now, with its payments and credits as further changes; null: not known there. */
  fetch?: (ref: InvoiceRef, api: Api) => Promise<InvoiceSnapshot | Change[] | null>;
  changedSince?: (since: Instant, cursor: string | null, api: Api) => Promise<ChangedPage>;
  /** Whether `fetch` and `changedSince` can be used with what was set up; absent: always. */
  canFetch?: (settings: Settings, secrets: Secrets) => boolean;
  /** Whether it can be told this kind of event at all, with what was set up. */
  canWriteBack?: (event: EventType, settings: Settings, secrets: Secrets) => boolean;
  writeBack?: (request: WriteBackRequest, api: Api) => Promise<Receipt>;
  /** After a lost answer: the receipt if the earlier try took effect, null if it surely did not. */
  findWriteBack?: (request: WriteBackRequest, api: Api) => Promise<Receipt | null>;
  /** A cheap authenticated call for "test connection"; gives words for the administrator. */
  test?: (api: Api) => Promise<string>;
}

export interface HttpCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** The one HTTP client, bound to a connection (timeouts, no private addresses, no redirects). */
export interface ConnectorHttp {
  /** Who is called, for messages: the connection's system. */
  name: string;
  /** Gives every answer that came, whatever its status. Throws UpstreamError when none came. */
  request: (call: HttpCall) => Promise<HttpAnswer>;
  now: () => Date;
}

/** Gives the connector back with its parts' types tied together. */
export function defineConnector<Settings, Secrets, Api>(
  connector: Connector<Settings, Secrets, Api>,
): Connector<Settings, Secrets, Api> {
  return connector;
}
