import type { z } from "zod";
import type { Change, ConnectorKind, InvoiceRef, InvoiceSnapshot } from "#domain/change.ts";
import type { EventType } from "#domain/event.ts";
import type { Instant } from "#domain/time.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import type { UpstreamError } from "#server/errors.ts";
import type { RequestHeaders } from "./kit/request-headers.ts";

/** A request as it came: header names lower case, the body's bytes after gzip was undone. */
export interface Delivery {
  method: string;
  /** What follows the "?" of the address: where a system can set no header, its secret stands there. */
  query: string;
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

/** An element of a body or a page that cannot be used; its neighbours are recorded all the same. */
export interface Rejected {
  /** Which one, for finance: "Invoice 93901", or where it stands. At most 200 characters are kept. */
  at: string;
  /** Why, in plain words; at most 500 characters are kept. */
  reason: string;
}

/** What a body, an answer or a page says, and the elements of it that cannot be used. */
export interface Parsed {
  changes: Change[];
  /** Absent: all of it could be used. */
  rejected?: Rejected[];
}

export interface ChangedPage extends Parsed {
  /** Each invoice's snapshot, followed by its payments and credits where the system lists them. */
  changes: Change[];
  /** null: no more. Otherwise handed back unchanged. */
  next: string | null;
}

/**
 * How a system's requests are taken in. `parse` is pure: no clock, database or network. `verify`
 * throws RequestError (401) when the request is not authentic.
 */
export interface Receiving<Settings, Secrets> {
  /** Sender is somebody's own code: an authentic but unusable body is answered 422, not 2xx. */
  answersUnusable: boolean;
  /** What a system is told when all is well. */
  accepted: Answer;
  /** The vendor takes any body for a failure: what is refused is told by its status alone. */
  refusesSilently?: true;
  /** Answers what is not a delivery (OPTIONS, challenge, ping after `verify`); undefined: it is one. */
  handshake?: (delivery: Delivery, settings: Settings, secrets: Secrets) => Answer | undefined;
  verify: (delivery: Delivery, secrets: Secrets, settings: Settings) => void;
  /** True after `verify` for a test message that carries nothing: counted, not stored. */
  isPing?: (delivery: Delivery) => boolean;
  /** The same for each retry of one message; null: every request is new. */
  dedupeKey: (delivery: Delivery) => string | null;
  /**
   * A plain list: nothing was rejected. Throws RequestError (422) when the body as a whole cannot be
   * read. A body of which every element was rejected counts as such.
   */
  parse: (delivery: Delivery, settings: Settings) => Change[] | Parsed;
  /** By scenario: what the system would send, for trying the portal out. */
  simulate?: Readonly<Record<string, Scenario<Settings, Secrets>>>;
}

/** Builds the requests of one scenario; the same seed gives the same invented invoice. */
export type Scenario<Settings, Secrets> = (
  given: Simulation<Settings, Secrets>,
) => SimulatedRequest[];

export interface Simulation<Settings, Secrets> {
  settings: Settings;
  secrets: Secrets;
  now: Date;
  seed: number;
  /** Where an app speaks for many organisations: the vendor's id of the one to speak of, else "". */
  account: string;
}

/** A request in the system's own format, correctly signed. */
export interface SimulatedRequest {
  method: string;
  /** What follows the "?" of the address; "" for most systems. */
  query: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * What can be asked of a system and told to it. `Api` is what the connector's `api` builds from
 * settings and secrets.
 */
export interface Calling<Settings, Secrets, Api> {
  name: string;
  kind: ConnectorKind;
  /** Zod objects; the set-up form and its documentation come from them (use `.meta({ title, description })`). */
  settings: z.ZodType<Settings>;
  secrets: z.ZodType<Secrets>;
  /** What the schemas cannot say: by field (`secrets.apiKey`), why what was entered is refused. */
  faults?: (settings: Settings, secrets: Secrets) => [field: string, message: string][];
  /**
   * The invoice as it is now, with its payments and credits as further changes; null: not known there.
   * Throws RequestError when it cannot be used: it is then rejected alone.
   */
  fetch?: (ref: InvoiceRef, api: Api) => Promise<InvoiceSnapshot | Change[] | Parsed | null>;
  /**
   * What `null` from `fetch` means for an invoice that the portal knows. void: it was deleted there, so
   * it is voided here, once answered twice ten minutes apart. hidden: it may only be out of our sight, so
   * finance is told. Absent: nothing.
   */
  whenMissing?: "void" | "hidden";
  /** Everything that changed at or after `since`, oldest first where the system can sort. */
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

/** One business system whose connections receive and call, each with an address and keys of its own. */
export interface Connector<Settings, Secrets, Api>
  extends Receiving<Settings, Secrets>, Calling<Settings, Secrets, Api> {
  /** Steps for the administrator; `{url}` is the connection's address. */
  setUp: string[];
  api: (settings: Settings, secrets: Secrets, http: ConnectorHttp) => Api;
  /**
   * For a system that calls us and asks for work: answers a request that `verify` let through. A
   * dialogue is many requests, so what one of them took another one settles.
   */
  serve?: (delivery: Delivery, work: ServeWork, settings: Settings) => Promise<Served>;
}

/**
 * One business system whose vendor's app speaks for many organisations: the app's connection
 * receives for all of them, each organisation's connection is asked and told. Its `settings` and
 * `secrets` are those of an organisation.
 */
export interface AppConnector<Settings, Secrets, Api, AppSettings, AppSecrets> extends Calling<
  Settings,
  Secrets,
  Api
> {
  app: ConnectorApp<AppSettings, AppSecrets>;
  api: (
    settings: Settings,
    secrets: Secrets,
    http: ConnectorHttp,
    organisation: Organisation<AppSettings>,
  ) => Api;
}

/**
 * A vendor's app: one address, one signing key and one OAuth client for many organisations. The
 * invoice of each change that it parses carries `account`, the vendor's id of the organisation.
 */
export interface ConnectorApp<Settings, Secrets> extends Receiving<Settings, Secrets> {
  settings: z.ZodType<Settings>;
  secrets: z.ZodType<Secrets>;
  /** As the connector's own `faults`. */
  faults?: (settings: Settings, secrets: Secrets) => [field: string, message: string][];
  /** Steps for the administrator; `{url}` receives, `{callback}` is where the vendor sends people back to. */
  setUp: string[];
  oauth: (settings: Settings, secrets: Secrets) => OAuthClient;
  /**
   * The numbers that the vendor gave what a body tells, counted over all organisations: one that never
   * comes was lost on the way. null: this body has none.
   */
  sequence?: (body: Buffer) => SequenceRange | null;
  /** Which organisations a fresh grant reaches; each becomes a connection. */
  organisations: (asked: GrantAsked<Settings>) => Promise<FoundOrganisation[]>;
}

export interface SequenceRange {
  first: number;
  last: number;
}

/** How the vendor's authorization server is spoken to (RFC 6749; RFC 7636 where `pkce`). */
export interface OAuthClient {
  authorizeUrl: string;
  tokenUrl: string;
  /** RFC 7009; absent: the vendor has none. */
  revokeUrl?: string;
  clientId: string;
  clientSecret: string;
  scopes: string[];
  pkce: boolean;
}

interface GrantAsked<Settings> {
  http: ConnectorHttp;
  /** The grant's access token. */
  token: string;
  /** The callback's query, e.g. QuickBooks: realmId. */
  callback: URLSearchParams;
  settings: Settings;
}

export interface FoundOrganisation {
  account: string;
  name: string;
}

/** What an organisation's connection has beside its own settings. */
export interface Organisation<AppSettings> {
  account: string;
  app: AppSettings;
  /** An access token that is valid for some time yet. Throws UpstreamError when it must be connected anew. */
  token: () => Promise<string>;
  /** After a 401: another one than the refused, which another caller may have got already. */
  renew: (refused: string) => Promise<string>;
}

/** The write-backs of one connection, for the system that asks for them. */
export interface ServeWork {
  /** Leases the next one that is due, so that nobody else is handed it; undefined: nothing is. */
  take: () => Promise<HandedOut | undefined>;
  /** Settles one that was taken, by its key: a receipt, or what went wrong. Nothing happens when it was. */
  settle: (key: string, outcome: Receipt | UpstreamError) => Promise<void>;
}

export interface HandedOut {
  request: WriteBackRequest;
  /** It was handed out before and never settled: look whether it took effect before writing again. */
  isRepeat: boolean;
}

export interface Served {
  answer: Answer;
  /** Whether the request also says something about invoices: then it is stored and parsed as a delivery. */
  carriesChanges: boolean;
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

/** As `defineConnector`, for a system with an app. */
export function defineAppConnector<Settings, Secrets, Api, AppSettings, AppSecrets>(
  connector: AppConnector<Settings, Secrets, Api, AppSettings, AppSecrets>,
): AppConnector<Settings, Secrets, Api, AppSettings, AppSecrets> {
  return connector;
}
