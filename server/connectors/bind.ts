import type { z } from "zod";
import type { ConnectorKind, InvoiceRef } from "#domain/change.ts";
import type { EventType } from "#domain/event.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { RequestError } from "#server/errors.ts";
import type {
  Answer,
  AppConnector,
  Calling,
  ChangedPage,
  Connector,
  ConnectorApp,
  ConnectorHttp,
  Delivery,
  FoundOrganisation,
  OAuthClient,
  Organisation,
  Parsed,
  Receipt,
  Receiving,
  Served,
  ServeWork,
  SequenceRange,
  SimulatedRequest,
} from "./contract.ts";
import type { Instant } from "#domain/time.ts";
import { asRead, parsedOf, readingOf } from "./as-read.ts";
import { withCleanTexts } from "./clean-texts.ts";
import { withValidDays } from "./valid-days.ts";

/** A connector with the settings and secrets of one connection inside; what it cannot do is absent. */
export interface BoundConnector {
  name: string;
  kind: ConnectorKind;
  accepted: Answer;
  refusesSilently: boolean;
  answersUnusable: boolean;
  handshake: (delivery: Delivery) => Answer | undefined;
  verify: (delivery: Delivery) => void;
  isPing: (delivery: Delivery) => boolean;
  dedupeKey: (delivery: Delivery) => string | null;
  parse: (delivery: Delivery) => Parsed;
  /** By scenario; empty where nothing can be simulated. */
  simulations: Readonly<Record<string, Simulate>>;
  /** The invoice's snapshot first, then its payments and credits; null: not known there. */
  fetch?: (ref: InvoiceRef) => Promise<Parsed | null>;
  whenMissing?: "void" | "hidden";
  changedSince?: (since: Instant, cursor: string | null) => Promise<ChangedPage>;
  canWriteBack: (event: EventType) => boolean;
  writeBack?: (request: WriteBackRequest) => Promise<Receipt>;
  findWriteBack?: (request: WriteBackRequest) => Promise<Receipt | null>;
  test?: () => Promise<string>;
  /** Answers a system that asks for work. */
  serve?: (delivery: Delivery, work: ServeWork) => Promise<Served>;
  /** Only of a vendor app's own connection. */
  app?: BoundApp;
}

/** Builds what the system would send now. */
export type Simulate = (given: { now: Date; seed: number; account: string }) => SimulatedRequest[];

/** What an app's connection can do beside receiving: connect organisations. */
export interface BoundApp {
  oauth: OAuthClient;
  sequence?: (body: Buffer) => SequenceRange | null;
  organisations: (asked: {
    token: string;
    callback: URLSearchParams;
  }) => Promise<FoundOrganisation[]>;
}

/** A connector as the list holds it: its own types stay inside. */
export interface Listed {
  name: string;
  kind: ConnectorKind;
  settings: z.ZodType;
  secrets: z.ZodType;
  setUp: string[];
  faults: Faults;
  /** What can be simulated. */
  scenarios: string[];
  /**
   * Ties it to settings and secrets. Throws a ZodError when they are not what its schemas ask for.
   * Where the system has an `app`, this is one of its organisations, and `organisation` says which.
   */
  bind: (
    settings: unknown,
    secrets: unknown,
    http: ConnectorHttp,
    organisation?: Organisation<unknown>,
  ) => BoundConnector;
  app?: ListedApp;
}

/** By field, what is wrong with settings and secrets that the schemas take. */
export type Faults = (settings: unknown, secrets: unknown) => [field: string, message: string][];

/** The vendor's app of a system: a connection of its own that receives for all organisations. */
export interface ListedApp {
  settings: z.ZodType;
  secrets: z.ZodType;
  setUp: string[];
  faults: Faults;
  bind: (settings: unknown, secrets: unknown, http: ConnectorHttp) => BoundConnector;
}

/** Hides a connector's own types, so that all of them can stand in one list. */
export function listed<Settings, Secrets, Api>(
  connector: Connector<Settings, Secrets, Api>,
): Listed {
  const { name, kind, settings, secrets, setUp } = connector;
  return {
    ...{ name, kind, settings, secrets, setUp },
    faults: faultsOf(connector),
    scenarios: Object.keys(connector.simulate ?? {}),
    bind(given, hidden, http) {
      const own = { settings: settings.parse(given), secrets: secrets.parse(hidden) };
      const api = connector.api(own.settings, own.secrets, http);
      const { serve } = connector;
      return {
        ...{ name, kind },
        ...receivingOf(connector, own),
        ...callingOf(connector, own, { api, http }),
        ...(serve && {
          serve: (delivery, work) => serve(delivery, work, own.settings),
          canWriteBack: (event) =>
            connector.canWriteBack?.(event, own.settings, own.secrets) ?? true,
        }),
      };
    },
  };
}

/** As `listed`, for a system with an app. */
export function listedApp<Settings, Secrets, Api, AppSettings, AppSecrets>(
  connector: AppConnector<Settings, Secrets, Api, AppSettings, AppSecrets>,
): Listed {
  const { name, kind, settings, secrets, app } = connector;
  return {
    ...{ name, kind, settings, secrets, setUp: [] },
    faults: faultsOf(connector),
    scenarios: Object.keys(app.simulate ?? {}),
    bind(given, hidden, http, organisation) {
      if (!organisation) throw new Error(`${name}: an organisation is bound with its account`);
      const own = { settings: settings.parse(given), secrets: secrets.parse(hidden) };
      const about = { ...organisation, app: app.settings.parse(organisation.app) };
      const api = connector.api(own.settings, own.secrets, http, about);
      return { ...{ name, kind }, ...receivesNothing, ...callingOf(connector, own, { api, http }) };
    },
    app: {
      ...{ settings: app.settings, secrets: app.secrets, setUp: app.setUp },
      faults: faultsOf(app),
      bind(given, hidden, http) {
        const own = { settings: app.settings.parse(given), secrets: app.secrets.parse(hidden) };
        return {
          ...{ name, kind },
          ...receivingOf(app, own),
          canWriteBack: () => false,
          app: connectingOf(app, own, http),
        };
      },
    },
  };
}

interface Judged<Settings, Secrets> {
  settings: z.ZodType<Settings>;
  secrets: z.ZodType<Secrets>;
  faults?: (settings: Settings, secrets: Secrets) => [field: string, message: string][];
}

function faultsOf<Settings, Secrets>(judged: Judged<Settings, Secrets>): Faults {
  return (settings, secrets) =>
    judged.faults?.(judged.settings.parse(settings), judged.secrets.parse(secrets)) ?? [];
}

/** An organisation's deliveries come to the address of the app. */
const receivesNothing = {
  accepted: { status: 404 },
  refusesSilently: false,
  answersUnusable: false,
  handshake: () => notHere(),
  verify: () => notHere(),
  isPing: () => false,
  dedupeKey: () => null,
  parse: () => notHere(),
  simulations: {},
};

function notHere(): never {
  throw new RequestError(404, "Deliveries come to the address of the app");
}

interface Own<Settings, Secrets> {
  settings: Settings;
  secrets: Secrets;
}

function receivingOf<Settings, Secrets>(
  receiving: Receiving<Settings, Secrets>,
  { settings, secrets }: Own<Settings, Secrets>,
) {
  const { accepted, answersUnusable, refusesSilently = false } = receiving;
  return {
    ...{ accepted, answersUnusable, refusesSilently },
    handshake: (delivery: Delivery) => receiving.handshake?.(delivery, settings, secrets),
    verify: (delivery: Delivery) => receiving.verify(delivery, secrets, settings),
    isPing: (delivery: Delivery) => receiving.isPing?.(delivery) ?? false,
    dedupeKey: (delivery: Delivery) => receiving.dedupeKey(delivery),
    parse: (delivery: Delivery) => parsedOf(receiving.parse(delivery, settings)),
    simulations: simulationsOf(receiving, { settings, secrets }),
  };
}

function simulationsOf<Settings, Secrets>(
  { simulate = {} }: Receiving<Settings, Secrets>,
  own: Own<Settings, Secrets>,
): Record<string, Simulate> {
  const scenarios = Object.entries(simulate);
  return Object.fromEntries(
    scenarios.map(([name, scenario]): [string, Simulate] => [
      name,
      (given) => scenario({ ...own, ...given }),
    ]),
  );
}

function connectingOf<Settings, Secrets>(
  app: ConnectorApp<Settings, Secrets>,
  { settings, secrets }: Own<Settings, Secrets>,
  http: ConnectorHttp,
): BoundApp {
  return {
    oauth: app.oauth(settings, secrets),
    ...(app.sequence && { sequence: app.sequence }),
    organisations: (asked) => app.organisations({ ...asked, http, settings }),
  };
}

function callingOf<Settings, Secrets, Api>(
  connector: Calling<Settings, Secrets, Api>,
  { settings, secrets }: Own<Settings, Secrets>,
  { api, http }: Called<Api>,
) {
  const canFetch = connector.canFetch?.(settings, secrets) ?? true;
  return {
    ...(canFetch && reading(connector, { api, http })),
    canWriteBack: (event: EventType) =>
      connector.writeBack !== undefined &&
      (connector.canWriteBack?.(event, settings, secrets) ?? true),
    ...writing(connector, api),
    ...testing(connector, api),
  };
}

interface Called<Api> {
  api: Api;
  http: ConnectorHttp;
}

function reading<Settings, Secrets, Api>(
  connector: Calling<Settings, Secrets, Api>,
  { api, http }: Called<Api>,
) {
  const { fetch, whenMissing, changedSince } = connector;
  return {
    ...(fetch && {
      async fetch(ref: InvoiceRef): Promise<Parsed | null> {
        const readAt = http.now().toISOString();
        const found = await fetch(ref, api);
        return found && readingOf(found, readAt);
      },
    }),
    ...(whenMissing && { whenMissing }),
    ...(changedSince && {
      async changedSince(since: Instant, cursor: string | null): Promise<ChangedPage> {
        const readAt = http.now().toISOString();
        const page = withValidDays(withCleanTexts(await changedSince(since, cursor, api)));
        return { ...page, changes: asRead(page.changes, readAt) };
      },
    }),
  };
}

function writing<Settings, Secrets, Api>(connector: Calling<Settings, Secrets, Api>, api: Api) {
  const { writeBack, findWriteBack } = connector;
  return {
    ...(writeBack && { writeBack: (request: WriteBackRequest) => writeBack(request, api) }),
    ...(findWriteBack && {
      findWriteBack: (request: WriteBackRequest) => findWriteBack(request, api),
    }),
  };
}

function testing<Settings, Secrets, Api>(connector: Calling<Settings, Secrets, Api>, api: Api) {
  const { test } = connector;
  return test && { test: () => test(api) };
}
