import type { Change } from "#domain/change.ts";
import type { DisputeState } from "#domain/dispute.ts";
import { clip } from "#domain/text.ts";
import { RequestError } from "#server/errors.ts";
import type { Delivery, Parsed } from "#server/connectors/contract.ts";
import { eventsApart } from "#server/connectors/kit/apart.ts";
import {
  type CloudEvent,
  cloudEventKey,
  type CloudEventsMode,
  cloudEventsMode,
  elementsOf,
  readCloudEvent,
  readEvent,
} from "#server/connectors/kit/cloud-events.ts";
import { ZonedInstant } from "#server/connectors/kit/dates.ts";
import { parseJson, readValue } from "#server/connectors/kit/json.ts";
import { amountIn } from "./amounts.ts";
import { toldType, type ToldType } from "./event-kinds.ts";
import { type About, aboutOf, occurred, toCredit, toPayment, toSnapshot } from "./snapshot.ts";
import { Envelope, WireData } from "./wire.ts";

interface Told {
  type: ToldType;
  /** When it happened, not when it was sent. */
  happenedAt: string | undefined;
  data: WireData;
}

/**
 * What a delivery says, in any of its four forms; of a batch each event that cannot be used is rejected alone.
 * Throws RequestError 400, 415 or 422.
 */
export function readChanges(delivery: Delivery): Parsed {
  if (cloudEventsMode(delivery) === "batch") return readBatch(delivery);
  return { changes: toldChanges(readTold(delivery)) };
}

function readTold(delivery: Delivery): Told {
  const mode = cloudEventsMode(delivery);
  if (mode !== "plain") return toldOf(readCloudEvent(delivery), mode);
  const { type, timestamp, data } = readValue(Envelope, parseJson(delivery.body));
  const told = { type: toldType(type), data: readValue(WireData, data, "data") };
  return { ...told, happenedAt: timestamp };
}

/** An event that stands in it twice is read once. */
function readBatch(delivery: Delivery): Parsed {
  const known = new Set<string>();
  const { found, rejected } = eventsApart(elementsOf(delivery), (element, at) => {
    const event = readEvent(element, at);
    const key = cloudEventKey(event);
    if (known.has(key)) return [];
    known.add(key);
    return toldChanges(toldOf(event, "batch"));
  });
  return { changes: found, rejected };
}

function toldOf(event: CloudEvent, mode: CloudEventsMode): Told {
  const type = toldType(event.type);
  const data = readValue(WireData, event.data, "data");
  if (mode === "binary") requireSameType(type, data);
  // In binary mode nobody signed `ce-time`, so a time inside the body goes before it.
  const time = event.time === undefined ? undefined : readValue(ZonedInstant, event.time, "time");
  const happenedAt = mode === "binary" ? (data.timestamp ?? time) : (time ?? data.timestamp);
  return { type, data, happenedAt: happenedAt ?? undefined };
}

/** The signature does not cover `ce-type`: the body has to say the same. */
function requireSameType(type: ToldType, data: WireData): void {
  if (data.type && toldType(data.type) === type) return;
  const message = "must be repeated inside the body, since the ce-* headers are not signed";
  throw new RequestError(422, `type: ${message}`, { fields: { type: message } });
}

function toldChanges({ type, happenedAt, data }: Told): Change[] {
  const about = aboutOf(data.invoice, happenedAt);
  const snapshot = toSnapshot(data.invoice, about, type);
  const others = [
    ...paymentsIn(type, data, about),
    ...adjustmentsIn(data, about),
    ...disputesIn(type, data, about),
    ...wordsIn(data, about),
  ];
  const isSummed = snapshot.paid !== undefined || snapshot.due !== undefined;
  const needed = neededFor(type, isSummed);
  if (needed && !data[needed] && !(needed === "payment" && data.refund)) {
    throw new RequestError(422, `data.${needed}: is missing`, {
      fields: { [needed]: "is missing" },
    });
  }
  return [{ kind: "invoice", invoice: snapshot }, ...others];
}

/** What a type is empty without; a sum that was told says what was received or credited, too. */
function neededFor(type: ToldType, isSummed: boolean) {
  const [subject] = type.split(".");
  if (type === "payment.pending" || type === "payment.failed") return "payment" as const;
  if (subject === "payment") return isSummed ? null : ("payment" as const);
  if (type === "invoice.adjusted") return isSummed ? null : ("adjustment" as const);
  if (subject === "dispute") return "dispute" as const;
  if (subject === "comment") return "comment" as const;
  return subject === "promise" ? ("promise" as const) : null;
}

const stages = {
  "payment.pending": "pending",
  "payment.received": "received",
  "payment.failed": "failed",
  "payment.refunded": "refunded",
  "payment.reversed": "reversed",
} as const;

function isPaymentType(type: ToldType): type is keyof typeof stages {
  return type in stages;
}

function paymentsIn(
  type: ToldType,
  { payment, refund, invoice }: WireData,
  about: About,
): Change[] {
  const { currency } = invoice;
  const stage = payment?.stage ?? (isPaymentType(type) ? stages[type] : "received");
  return [
    ...(payment ? [toPayment(payment, about, { name: "payment", stage, currency })] : []),
    ...(refund ? [toPayment(refund, about, { name: "refund", stage: "refunded", currency })] : []),
  ];
}

function adjustmentsIn({ adjustment, invoice }: WireData, about: About): Change[] {
  if (!adjustment) return [];
  return [toCredit(adjustment, about, { name: "adjustment", currency: invoice.currency })];
}

const states: { [type in ToldType]?: DisputeState } = {
  "dispute.opened": "open",
  "dispute.reopened": "open",
  "dispute.waiting": "waiting_for_customer",
  "dispute.resolved": "resolved",
  "dispute.rejected": "rejected",
  "dispute.withdrawn": "withdrawn",
};

/** With `dispute.resolved`, a plain `amount` is what was credited: nothing is in dispute any more. */
function disputesIn(type: ToldType, { dispute, invoice }: WireData, about: About): Change[] {
  if (!dispute) return [];
  const state = states[type] ?? dispute.state;
  if (!state) throw new RequestError(422, "dispute.state: is missing");
  const currency = dispute.currency ?? invoice.currency;
  const { amount: decimal, amountMinor: minor } = dispute;
  const amount = amountIn({ name: "dispute.amount", decimal, minor, currency });
  const credited = amountIn({
    name: "dispute.creditedAmount",
    decimal: dispute.creditedAmount,
    minor: dispute.creditedAmountMinor,
    currency,
  });
  const isCredit = state === "resolved" && credited === undefined;
  return [
    {
      kind: "dispute",
      ...about,
      externalId: dispute.id ?? dispute.externalId ?? undefined,
      state,
      reason: dispute.reason ?? undefined,
      amount: isCredit ? undefined : amount,
      creditedAmount: isCredit ? amount : credited,
      message: dispute.message ? clip(dispute.message, 5000) : undefined,
      occurredAt: occurred(dispute.at, about, "dispute"),
    },
  ];
}

function wordsIn({ comment, promise, invoice }: WireData, about: About): Change[] {
  const changes: Change[] = [];
  if (comment) {
    const { id, text, author } = comment;
    const said = { externalId: id ?? undefined, author: author?.trim() || undefined, text };
    changes.push({
      kind: "comment",
      ...about,
      ...said,
      occurredAt: occurred(null, about, "comment"),
    });
  }
  if (promise) {
    const { id, on, amount: decimal, amountMinor: minor } = promise;
    const currency = promise.currency ?? invoice.currency;
    const amount = amountIn({ name: "promise.amount", decimal, minor, currency });
    const made = { externalId: id ?? undefined, promisedOn: on, amount };
    changes.push({
      kind: "promise",
      ...about,
      ...made,
      occurredAt: occurred(null, about, "promise"),
    });
  }
  return changes;
}
