import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "./refusal.ts";

const toleranceSeconds = 300;

type Signed = { id: string; timestamp: string; body: Buffer; secret: string };

/** The three Standard Webhooks headers (scheme v1) for these very bytes, dated `sentAt`. */
export function signedHeaders({
  id,
  sentAt,
  body,
  secret,
}: Omit<Signed, "timestamp"> & { sentAt: Date }) {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${sign({ id, timestamp, body, secret }).toString("base64")}`,
  };
}

/**
 * Checks the Standard Webhooks headers over the raw bytes and gives the webhook-id.
 * Throws a Refusal: 400 for headers that cannot be, 401 for a wrong signature or a stale timestamp.
 */
export function requireSignature(
  headers: IncomingHttpHeaders,
  { body, secret, now }: { body: Buffer; secret: string; now: Date },
): string {
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  if (id.includes(".")) throw new Refusal(400, "webhook-id contains a dot");
  if (!/^\d{1,12}$/.test(timestamp)) throw new Refusal(400, "webhook-timestamp is no number");
  const age = Math.abs(now.getTime() / 1000 - Number(timestamp));
  if (age > toleranceSeconds) throw new Refusal(401, "webhook-timestamp is too far from now");
  const expected = sign({ id, timestamp, body, secret });
  const matches = header(headers, "webhook-signature")
    .split(" ")
    .filter((part) => part.startsWith("v1,"))
    .map((part) => Buffer.from(part.slice("v1,".length), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  if (!matches) throw new Refusal(401, "webhook-signature does not match");
  return id;
}

function sign({ id, timestamp, body, secret }: Signed): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== "string" || value === "") throw new Refusal(401, `${name} is missing`);
  return value;
}
