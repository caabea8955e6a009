import { createHash } from "node:crypto";
import { z } from "zod";
import { EventTemplate } from "#domain/mail.ts";

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
  /** The message of the event closed the invoice as well: nothing is left to pay after it. */
  closedAs: z.enum(["void", "written_off"]).optional(),
});
export type MailPayload = z.infer<typeof MailPayload>;

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
