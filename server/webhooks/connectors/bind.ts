import type { z } from "zod";
import type { Change, ConnectorKind, InvoiceRef } from "#server/domain/change.ts";
import type { EventType } from "#server/domain/event.ts";
import type { WriteBackRequest } from "#server/domain/write-back.ts";
import type {
  Answer,
  ChangedPage,
  Connector,
  ConnectorHttp,
  Delivery,
  Receipt,
} from "./connector.ts";
import type { Instant } from "#server/domain/time.ts";

/** A connector with the settings and secrets of one connection inside; what it cannot do is absent. */
export interface BoundConnector {
  name: string;
  kind: ConnectorKind;
  accepted: Answer;
  answersUnusable: boolean;
  handshake: (delivery: Delivery) => Answer | undefined;
  verify: (delivery: Delivery) => void;
  isPing: (delivery: Delivery) => boolean;
  dedupeKey: (delivery: Delivery) => string | null;
  parse: (delivery: Delivery) => Change[];
  /** The invoice's snapshot first, then its payments and credits; null: not known there. */
  fetch?: (ref: InvoiceRef) => Promise<Change[] | null>;
  changedSince?: (since: Instant, cursor: string | null) => Promise<ChangedPage>;
  canWriteBack: (event: EventType) => boolean;
  writeBack?: (request: WriteBackRequest) => Promise<Receipt>;
  findWriteBack?: (request: WriteBackRequest) => Promise<Receipt | null>;
  test?: () => Promise<string>;
}

/** A connector as the list holds it: its own types stay inside. */
export interface Listed {
  name: string;
  kind: ConnectorKind;
  settings: z.ZodType;
  secrets: z.ZodType;
  setUp: string[];
  /** Ties it to settings and secrets. Throws a ZodError when they are not what its schemas ask for. */
  bind: (settings: unknown, secrets: unknown, http: ConnectorHttp) => BoundConnector;
}

/** Hides a connector's own types, so that all of them can stand in one list. */
export function listed<Settings, Secrets, Api>(
  connector: Connector<Settings, Secrets, Api>,
): Listed {
  const { name, kind, settings, secrets, setUp } = connector;
  return {
    ...{ name, kind, settings, secrets, setUp },
    bind: (given, hidden, http) =>
      bind(connector, { settings: settings.parse(given), secrets: secrets.parse(hidden) }, http),
  };
}

function bind<Settings, Secrets, Api>(
  connector: Connector<Settings, Secrets, Api>,
  { settings, secrets }: { settings: Settings; secrets: Secrets },
  http: ConnectorHttp,
): BoundConnector {
  const { name, kind, accepted, answersUnusable } = connector;
  const api = connector.api(settings, secrets, http);
  const canFetch = connector.canFetch?.(settings, secrets) ?? true;
  return {
    ...{ name, kind, accepted, answersUnusable },
    handshake: (delivery) => connector.handshake?.(delivery, settings, secrets),
    verify: (delivery) => connector.verify(delivery, secrets, settings),
    isPing: (delivery) => connector.isPing?.(delivery) ?? false,
    dedupeKey: (delivery) => connector.dedupeKey(delivery),
    parse: (delivery) => connector.parse(delivery, settings),
    ...(canFetch && reading(connector, api)),
    canWriteBack: (event) =>
      connector.writeBack !== undefined &&
      (connector.canWriteBack?.(event, settings, secrets) ?? true),
    ...writing(connector, api),
    ...testing(connector, api),
  };
}

function reading<Settings, Secrets, Api>(connector: Connector<Settings, Secrets, Api>, api: Api) {
  const { fetch, changedSince } = connector;
  return {
    ...(fetch && {
      async fetch(ref: InvoiceRef): Promise<Change[] | null> {
        const found = await fetch(ref, api);
        if (found === null || Array.isArray(found)) return found;
        return [{ kind: "invoice", invoice: found }];
      },
    }),
    ...(changedSince && {
      changedSince: (since: Instant, cursor: string | null) => changedSince(since, cursor, api),
    }),
  };
}

function writing<Settings, Secrets, Api>(connector: Connector<Settings, Secrets, Api>, api: Api) {
  const { writeBack, findWriteBack } = connector;
  return {
    ...(writeBack && { writeBack: (request: WriteBackRequest) => writeBack(request, api) }),
    ...(findWriteBack && {
      findWriteBack: (request: WriteBackRequest) => findWriteBack(request, api),
    }),
  };
}

function testing<Settings, Secrets, Api>(connector: Connector<Settings, Secrets, Api>, api: Api) {
  const { test } = connector;
  return test && { test: () => test(api) };
}
