import { RequestError } from "#server/errors.ts";
import type { Delivery } from "#server/connectors/contract.ts";
import type { RequestHeaders } from "./request-headers.ts";
import {
  ed25519Key,
  hmac,
  matchesEd25519,
  matchesHmac,
  requireHeader,
  requireRecent,
} from "./signature.ts";

const toleranceSeconds = 300;
/** Of ed25519: a sender whose key is being replaced sends two; each costs a look at the whole body. */
const mostPublicKeySignatures = 5;
/** The standard makes ed25519 sign the whole body, of which this much is checked in a few milliseconds. */
const longestByPublicKey = 1024 * 1024;

/** What a sender's signature may be made with: several secrets while one is being replaced. */
export interface StandardKeys {
  secrets: readonly string[];
  /** `whpk_…` */
  publicKey?: string | undefined;
}

/**
 * Checks a request by Standard Webhooks 1.0 (`webhook-*`, or Svix's `svix-*`): v1 is HMAC-SHA256,
 * v1a ed25519, other versions are skipped, one match is enough. Throws RequestError 401.
 */
export function requireStandardSignature(delivery: Delivery, keys: StandardKeys): void {
  const { headers, body, receivedAt } = delivery;
  const id = messageId(headers);
  if (id.includes("."))
    throw new RequestError(401, "webhook-id contains a dot, which is ambiguous");
  const timestamp = standardHeader(headers, "timestamp");
  if (!/^\d{1,12}$/.test(timestamp)) throw new RequestError(401, "webhook-timestamp is not a time");
  const future = "refused";
  requireRecent({ seconds: Number(timestamp), receivedAt, toleranceSeconds, future });
  const signed: [string, Buffer] = [`${id}.${timestamp}.`, body];
  const given = standardHeader(headers, "signature").split(" ");
  if (matchesSecret(keys.secrets, signed, given)) return;
  if (keys.publicKey !== undefined && matchesPublicKey(keys.publicKey, signed, given)) return;
  throw new RequestError(401, "webhook-signature does not match the body");
}

/** The message's id: the same for each retry of it. Throws 401 when it is missing. */
export function messageId(headers: RequestHeaders): string {
  return standardHeader(headers, "id");
}

interface Message {
  id: string;
  sentAt: Date;
  body: string | Buffer;
}

/** The three headers with a v1 signature over these very bytes. */
export function standardHeaders(secret: string, { id, sentAt, body }: Message) {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  const signed = [`${id}.${timestamp}.`, body];
  const mac = hmac({ algorithm: "sha256", key: signingKey(secret), signed }, "base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac}`,
  };
}

/** Whether a text can be used as secret: `whsec_` needs base64 behind it. */
export function isUsableSecret(secret: string): boolean {
  return signingKey(secret).length > 0 && (!secret.startsWith(prefix) || isBase64(bare(secret)));
}

/** Standard Webhooks 1.0: a symmetric secret is 24 to 64 random bytes. */
const [fewestBytes, mostBytes] = [24, 64];

/** Why a secret is too weak to sign with by Standard Webhooks; null when it is not. */
export function standardWeakness(secret: string): string | null {
  const key = signingKey(secret);
  const is = "is no signing secret: whsec_ and base64 of 24 to 64 random bytes";
  if (/[\s[\]{}"]/.test(secret) || key.length < fewestBytes) return is;
  return secret.startsWith(prefix) && key.length > mostBytes ? is : null;
}

/** Whether a text is `whpk_` (or nothing) and the base64 of 32 bytes. */
export function isUsablePublicKey(text: string): boolean {
  const raw = text.replace(/^whpk_/, "");
  return isBase64(raw) && Buffer.from(raw, "base64").length === 32;
}

const prefix = "whsec_";

function standardHeader(headers: RequestHeaders, name: string): string {
  return headers.get(`webhook-${name}`) ?? requireSvix(headers, name);
}

function requireSvix(headers: RequestHeaders, name: string): string {
  const alias = headers.get(`svix-${name}`);
  return alias ? alias : requireHeader(headers, `webhook-${name}`);
}

function matchesSecret(
  secrets: readonly string[],
  signed: (string | Buffer)[],
  given: string[],
): boolean {
  const signatures = ofVersion("v1", given);
  if (signatures.length === 0) return false;
  const keys = secrets.flatMap(verifyingKeys);
  return matchesHmac({ algorithm: "sha256", keys, signed, signatures, encoding: "base64" });
}

/** Throws 401 for more than is checked before it is known who sends. */
function matchesPublicKey(
  publicKey: string,
  [head, body]: [string, Buffer],
  given: string[],
): boolean {
  const signatures = ofVersion("v1a", given);
  if (signatures.length === 0) return false;
  if (signatures.length > mostPublicKeySignatures)
    throw new RequestError(401, `More than ${mostPublicKeySignatures} v1a signatures`);
  if (body.length > longestByPublicKey)
    throw new RequestError(401, "A body signed by ed25519 (v1a) may have at most 1 MiB");
  const key = ed25519Key(Buffer.from(publicKey.replace(/^whpk_/, ""), "base64"));
  const message = Buffer.concat([Buffer.from(head), body]);
  return signatures.some((text) => matchesEd25519(key, message, Buffer.from(text, "base64")));
}

function ofVersion(version: string, given: string[]): string[] {
  return given
    .map((item) => item.split(","))
    .flatMap(([name, value]) => (name === version && value !== undefined ? [value] : []));
}

/** Without a prefix the standard's libraries read base64, many senders take the text's own bytes. */
function signingKey(secret: string): Buffer {
  const text = bare(secret);
  return isBase64(text) ? Buffer.from(text, "base64") : Buffer.from(text);
}

const keysOf = new Map<string, Buffer[]>();

/** Kept, because a secret is the same for years and is used for each request. */
function verifyingKeys(secret: string): Buffer[] {
  let keys = keysOf.get(secret);
  if (!keys) {
    const key = signingKey(secret);
    const text = Buffer.from(secret);
    keys = secret.startsWith(prefix) || key.equals(text) ? [key] : [key, text];
    keysOf.set(secret, keys);
  }
  return keys;
}

function bare(secret: string): string {
  return secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
