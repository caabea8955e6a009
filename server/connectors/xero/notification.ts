import { createHash } from "node:crypto";
import { z } from "zod";
import type { Change } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import type { Delivery, Parsed, Rejected, SequenceRange } from "#server/connectors/contract.ts";
import { readJson } from "#server/connectors/kit/json.ts";
import { creditNoteRef } from "./references.ts";

const Id = z
  .string()
  .min(1)
  .max(100)
  .transform((id) => id.toLowerCase());

const XeroEvent = z.object({
  resourceId: Id,
  tenantId: Id,
  eventCategory: z.string(),
  eventType: z.string(),
  /** In UTC though it has no zone, and not always with milliseconds: used as it is, to tell events apart. */
  eventDateUtc: z.string(),
  data: z.object({ Type: z.string().nullish() }).nullish(),
});

/** Xero webhooks 16.1: events of several organisations in one body, each naming only what changed. */
const Notification = z.object({
  events: z.array(XeroEvent),
});

const Numbered = z.object({ firstEventSequence: z.int(), lastEventSequence: z.int() });

/** "Intent to receive": no events, only a body whose signature is to be checked. */
export function isIntentToReceive({ body }: Delivery): boolean {
  // Events name their resources; only what has none is worth reading before the answer.
  if (body.includes('"resourceId"')) return false;
  return readOrNull(z.object({ events: z.array(z.unknown()).max(0) }), body) !== null;
}

/**
 * The same for each retry: Xero gives deliveries no id, and draws `entropy` anew. An event is known
 * by its organisation, resource, kind and time; where two have one time, their numbers tell them apart.
 */
export function notificationKey({ body }: Delivery): string {
  const read = readOrNull(Notification, body);
  const names = read?.events.map(({ tenantId, resourceId, ...event }) =>
    [tenantId, resourceId, event.eventCategory, event.eventType, event.eventDateUtc].join(" "),
  );
  const { first, last } = sequenceOf(body) ?? {};
  const known = names && [first, last, ...names].join("\n");
  return createHash("sha256")
    .update(known ?? body)
    .digest("hex");
}

/** The numbers that Xero gave the events of a body, counted over all organisations of the app. */
export function sequenceOf(body: Buffer): SequenceRange | null {
  const { firstEventSequence: first, lastEventSequence: last } = readOrNull(Numbered, body) ?? {};
  return typeof first === "number" && typeof last === "number" ? { first, last } : null;
}

const Events = z.object({ events: z.array(z.unknown()) });

/**
 * What has to be read: each invoice and each customer's credit note once. An event that cannot be read
 * is rejected alone. Throws RequestError 422 for another body.
 */
export function changesNotified({ body }: Delivery): Parsed {
  const changes = new Map<string, Change>();
  const rejected: Rejected[] = [];
  for (const [at, row] of readJson(Events, body).events.entries()) {
    const read = XeroEvent.safeParse(row);
    if (!read.success) {
      const [issue] = read.error.issues;
      const reason = issue ? `${issue.path.join(".")}: ${issue.message}` : "cannot be read";
      rejected.push({ at: `Event ${at + 1}`, reason });
      continue;
    }
    const event = read.data;
    const externalId = subjectOf(event);
    if (externalId === undefined) continue;
    const account = event.tenantId;
    changes.set(`${account} ${externalId}`, { kind: "fetch", invoice: { externalId, account } });
  }
  const [first] = rejected;
  if (first && changes.size === 0) throw new RequestError(422, `${first.at}: ${first.reason}`);
  return { changes: [...changes.values()], rejected };
}

/** Undefined for what is no business of ours: contacts, subscriptions, suppliers' credit notes. */
function subjectOf({ eventCategory, resourceId, data }: z.infer<typeof XeroEvent>) {
  if (eventCategory === "INVOICE") return resourceId;
  const isCustomers = eventCategory === "CREDITNOTE" && data?.Type !== "ACCPAYCREDIT";
  return isCustomers ? creditNoteRef(resourceId) : undefined;
}

/** Xero gives up on an address that refuses what it signed, so an odd body is kept and found dead later. */
function readOrNull<T>(schema: z.ZodType<T>, body: Buffer): T | null {
  try {
    return readJson(schema, body);
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}
