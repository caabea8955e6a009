import { z } from "zod";
import { clip } from "#domain/text.ts";
import type { EventType } from "#domain/event.ts";
import { toDecimal } from "#domain/money.ts";
import { UpstreamError } from "#server/errors.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import type { ConnectorHttp, HttpAnswer, Receipt } from "#server/connectors/contract.ts";
import { failureOf } from "#server/connectors/kit/http.ts";
import { standardHeaders } from "#server/connectors/kit/standard-signature.ts";

const told = new Set<EventType>([
  "dispute.opened",
  "dispute.updated",
  "dispute.waiting",
  "dispute.withdrawn",
  "dispute.resolved",
  "dispute.rejected",
  "dispute.reopened",
  "comment.added",
  "promise.made",
  "promise.withdrawn",
]);

/** Whether the published format has a message for this event. */
export function isTold(event: EventType): boolean {
  return told.has(event);
}

interface Target {
  url: string;
  secret: string;
}

/**
 * Posts the event, signed, under its key as webhook-id. 2xx and 409 (done already) are success; of the
 * others `failureOf` says which are tried again and which park. Because the receiver knows a repeated webhook-id, a lost
 * answer needs no look before the next try: sending the same id again is that look.
 */
export async function sendEvent(
  http: ConnectorHttp,
  { url, secret }: Target,
  request: WriteBackRequest,
): Promise<Receipt> {
  const body = JSON.stringify(messageFor(request));
  const signed = standardHeaders(secret, { id: request.key, sentAt: http.now(), body });
  const headers = { "content-type": "application/json", ...signed };
  const answer = await http.request({ method: "POST", url, headers, body });
  const { status, text } = answer;
  const isDone = (status >= 200 && status <= 299) || status === 409;
  if (!isDone) throw refusalOf(http, answer);
  const words = text.replace(/\s+/g, " ").trim();
  const reference = referenceIn(text);
  return { reference, readBack: false, answer: clip(`${status} ${words}`.trim(), 300) };
}

/** The published message: type, time and data, the same bytes for each retry. */
export function messageFor(request: WriteBackRequest): object {
  const { event, occurredAt, actor, url, marker } = request;
  const { number, externalId, version } = request.invoice;
  return {
    type: `portal.${event}`,
    timestamp: occurredAt,
    data: {
      invoice: {
        number,
        ...(externalId !== null && { externalId }),
        ...(version !== undefined && { version }),
      },
      ...disputeIn(request),
      ...(request.comment && { comment: request.comment }),
      ...promiseIn(request),
      actor,
      url,
      marker,
    },
  };
}

function disputeIn({ dispute }: WriteBackRequest): object {
  if (!dispute) return {};
  const { id, externalId, number, state, reason, amount, creditedAmount, message } = dispute;
  return {
    dispute: {
      id,
      ...(externalId !== undefined && { externalId }),
      number,
      state,
      reason,
      amount: toDecimal(amount),
      currency: amount.currency,
      ...(creditedAmount && { creditedAmount: toDecimal(creditedAmount) }),
      message,
    },
  };
}

function promiseIn(request: WriteBackRequest): object {
  const promise = request.promise ?? request.withdrawnPromise;
  if (!promise) return {};
  const { id, promisedOn, amount } = promise;
  return { promise: { id, on: promisedOn, amount: toDecimal(amount), currency: amount.currency } };
}

/** Nothing took effect as far as the next try is concerned: it carries the same id. */
function refusalOf(http: ConnectorHttp, answer: HttpAnswer): UpstreamError {
  const { message, status, retryAt } = failureOf(http, "POST", answer);
  return new UpstreamError(message, {
    ...(status !== undefined && { status }),
    ...(retryAt !== undefined && { retryAt }),
  });
}

const Answered = z.object({ reference: z.union([z.string().min(1).max(200), z.int()]) });

/** Any body is fine: a reference is taken when there is one. */
function referenceIn(text: string): string | null {
  if (!text.trimStart().startsWith("{")) return null;
  try {
    const read = Answered.safeParse(JSON.parse(text));
    return read.success ? String(read.data.reference) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // the status alone counts
    throw error;
  }
}
