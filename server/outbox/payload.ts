import { createHash } from "node:crypto";
import { z } from "zod";
import { DisputeState, ReasonCode } from "#server/domain/dispute.ts";
import { EventTypes } from "#server/domain/event.ts";
import { Money } from "#server/domain/money.ts";
import { CalendarDate, Instant } from "#server/domain/time.ts";
import { EventTemplate } from "#server/mail/template.ts";
import type { WriteBackRequest as Request } from "#server/webhooks/connectors/connector.ts";

/** Who gets which mail, fixed when the event was recorded; the rest is read when it is written. */
export const MailPayload = z.object({
  template: EventTemplate,
  sequence: z.int(),
  invoiceId: z.string().nullable(),
  userId: z.string(),
  name: z.string(),
  locale: z.string(),
  timeZone: z.string(),
  to: z.string(),
});
export type MailPayload = z.infer<typeof MailPayload>;

/** What a system is told: the schema of the connectors' WriteBackRequest, as an outbox row keeps it. */
export const WriteBackRequest: z.ZodType<Request> = z.object({
  event: z.enum(EventTypes),
  key: z.string().length(26),
  marker: z.string(),
  occurredAt: Instant,
  url: z.string(),
  invoice: z.object({
    number: z.string(),
    externalId: z.string().nullable(),
    currency: z.string(),
    version: z.union([z.string(), z.number()]).exactOptional(),
  }),
  actor: z.object({ name: z.string(), email: z.string().exactOptional() }),
  dispute: z
    .object({
      id: z.string(),
      number: z.string(),
      state: DisputeState,
      reason: ReasonCode,
      amount: Money,
      creditedAmount: Money.exactOptional(),
      message: z.string(),
      externalId: z.string().exactOptional(),
      openedAt: Instant,
    })
    .exactOptional(),
  comment: z
    .object({ id: z.string(), text: z.string(), disputeId: z.string().exactOptional() })
    .exactOptional(),
  promise: z.object({ id: z.string(), promisedOn: CalendarDate, amount: Money }).exactOptional(),
});

/** Mail to one address about one invoice goes out in the order of its events. */
export function mailOrderKey(mail: Pick<MailPayload, "to" | "invoiceId">): string {
  return `mail:${mail.to}:${mail.invoiceId ?? "-"}`;
}

/** One mail per event, recipient and template, whatever happens. */
export function mailOnceKey(mail: Pick<MailPayload, "sequence" | "to" | "template">): string {
  return `${mail.sequence}:${mail.to}:${mail.template}`;
}

/** Write-backs about one invoice reach a system one after the other. */
export function writeBackOrderKey(connection: string, invoiceId: string): string {
  return `wb:${connection}:${invoiceId}`;
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * The idempotency key of a write-back: the first 26 characters of base32(SHA-256(connection ‖ event
 * hash ‖ kind)), where kind is the event type. The parts are separated so that no two sets run together.
 */
export function writeBackKey(connection: string, eventHash: string, kind: string): string {
  const digest = createHash("sha256").update(`${connection}\n${eventHash}\n${kind}`).digest();
  let key = "";
  for (let bit = 0; key.length < 26; bit += 5) {
    const pair = digest.readUInt16BE(bit >> 3);
    key += base32.charAt((pair >> (11 - (bit & 7))) & 31);
  }
  return key;
}
