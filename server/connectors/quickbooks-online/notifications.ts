import { createHash } from "node:crypto";
import { z } from "zod";
import type { Change } from "#domain/change.ts";
import { type Instant, plusMs } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Parsed } from "#server/connectors/contract.ts";
import { eventsApart } from "#server/connectors/kit/apart.ts";
import { ZonedInstant } from "#server/connectors/kit/dates.ts";
import { IdText, parseJson, readValue } from "#server/connectors/kit/json.ts";
import { deletedInvoice } from "./snapshot.ts";

/** One thing that happened in one company, the same from both shapes of body. */
export interface Notification {
  /** The event's own id; the older shape has none. */
  id: string | null;
  /** The company's realm id. */
  account: string;
  /** Lower case: invoice, payment, creditmemo … */
  entity: string;
  entityId: string;
  /** Lower case: created, create, updated, void, voided … */
  verb: string;
  at: Instant;
  /** Merged into the other; never seen with invoices. */
  deletedId: string | null;
}

const CloudEvent = z.object({
  specversion: z.literal("1.0", { error: "is not 1.0" }),
  id: z.string().min(1),
  type: z.string(),
  time: ZonedInstant,
  intuitentityid: IdText,
  intuitaccountid: IdText,
  data: z.object({ deletedid: IdText.nullish() }).nullish(),
});

const Older = z.object({
  eventNotifications: z.array(
    z.object({
      realmId: IdText,
      dataChangeEvent: z
        .object({
          entities: z.array(
            z.object({
              name: z.string(),
              id: IdText,
              operation: z.string(),
              lastUpdated: ZonedInstant,
              deletedId: IdText.nullish(),
            }),
          ),
        })
        .nullish(),
    }),
  ),
});

/**
 * Reads a body of either shape: an array of CloudEvents, or the older `eventNotifications`. Events of
 * another vendor's type are left out. Throws RequestError: 400 for no JSON, 422 for what is neither.
 */
function readNotifications(body: Buffer): Notification[] {
  const value = parseJson(body);
  if (Array.isArray(value)) return value.flatMap((event, at) => readCloudEvent(event, String(at)));
  if (typeof value === "object" && value !== null && "eventNotifications" in value) {
    return readValue(Older, value).eventNotifications.flatMap(ofCompany);
  }
  throw new RequestError(422, "This is neither an array of CloudEvents nor eventNotifications");
}

/**
 * What a body says; an event that cannot be read is rejected alone. Throws RequestError: 400 for no
 * JSON, 422 for what is neither shape.
 */
export function changesTold(body: Buffer): Parsed {
  const value = parseJson(body);
  if (!Array.isArray(value)) return { changes: changesIn(readNotifications(body)) };
  const { found: notifications, rejected } = eventsApart(value, readCloudEvent);
  const [first] = rejected;
  if (first && notifications.length === 0) throw new RequestError(422, first.reason);
  return { changes: changesIn(notifications), rejected };
}

/** `qbo.<entity>.<verb>.v1` */
const typePattern = /^qbo\.([a-z]+)\.([a-z]+)\.v\d+$/;

function readCloudEvent(value: unknown, at: string): Notification[] {
  const { type } = readValue(z.object({ type: z.string() }), value, at);
  const [, entity, verb] = typePattern.exec(type.toLowerCase()) ?? [];
  if (entity === undefined || verb === undefined) return [];
  const event = readValue(CloudEvent, value, at);
  return [
    {
      ...{ id: event.id, account: event.intuitaccountid, entity, verb, at: event.time },
      entityId: event.intuitentityid,
      deletedId: event.data?.deletedid ?? null,
    },
  ];
}

function ofCompany(told: z.infer<typeof Older>["eventNotifications"][number]): Notification[] {
  return (told.dataChangeEvent?.entities ?? []).map((entity) => ({
    id: null,
    account: told.realmId,
    entity: entity.name.toLowerCase(),
    entityId: entity.id,
    verb: entity.operation.toLowerCase(),
    at: entity.lastUpdated,
    deletedId: entity.deletedId ?? null,
  }));
}

/**
 * The same for each retry of one body: the event's id where it carries one event, else a hash over
 * what all of them say. A body that cannot be read is known by its bytes.
 */
export function keyOf(body: Buffer): string {
  const keys = keysIn(body);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return only;
  const hash = createHash("sha256");
  if (keys.length === 0) hash.update(body);
  else hash.update(keys.join("\n"));
  return hash.digest("hex");
}

function keysIn(body: Buffer): string[] {
  try {
    return readNotifications(body).map(
      ({ id, account, entity, entityId, verb, at }) =>
        id ?? [account, entity, entityId, verb, at].join("/"),
    );
  } catch (error) {
    if (error instanceof RequestError) return []; // `parse` says what is wrong with it
    throw error;
  }
}

/** The prefixes under which `fetch` takes what leads to invoices but is none. */
export const paymentPrefix = "payment:";
export const creditMemoPrefix = "creditmemo:";
/** With an instant: the invoices that changed from then on. */
export const changedPrefix = "changed:";

const begun = new Set(["create", "created", "emailed"]);
const ended = new Set(["delete", "deleted"]);
const voided = new Set(["void", "voided"]);

/** Clocks of two servers: an invoice may say that it changed shortly before what changed it. */
const clocksDifferMs = 60_000;

/**
 * What to read because of it. A payment's or credit memo's notification leads to the invoices that
 * it was applied to; which ones it was taken back from it cannot say any more, but those changed at
 * the same time. What was deleted cannot be read any more, so that is said at once.
 */
function changesIn(notifications: Notification[]): Change[] {
  const changes = notifications.flatMap(changesOf);
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

function changesOf({ entity, entityId, account, verb, at, deletedId }: Notification): Change[] {
  const fetch = (externalId: string): Change => ({
    kind: "fetch",
    invoice: { externalId, account },
  });
  const isVoid = (): Change => ({
    kind: "invoice",
    invoice: { externalId: entityId, account, version: at, state: "void" },
  });
  const applied = (prefix: string): Change[] => [
    ...(ended.has(verb) ? [] : [fetch(prefix + entityId)]),
    ...(begun.has(verb) ? [] : [fetch(changedPrefix + plusMs(at, -clocksDifferMs))]),
  ];
  switch (entity) {
    case "invoice":
      if (ended.has(verb)) return [deletedInvoice(entityId, at, account)];
      if (voided.has(verb)) return [isVoid(), fetch(entityId)];
      return [fetch(entityId), ...(deletedId === null ? [] : [fetch(deletedId)])];
    case "payment":
      return applied(paymentPrefix);
    case "creditmemo":
      return applied(creditMemoPrefix);
    default:
      return []; // a refund receipt belongs to no invoice, and other things are not ours
  }
}
