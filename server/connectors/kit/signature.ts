import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { RequestError } from "#server/errors.ts";
import type { RequestHeaders } from "./request-headers.ts";

/** Values by name of a header such as `t=1,v1=ab,v1=cd`: a name may come more than once. */
export function headerFields(header: string | null): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const part of (header ?? "").split(",")) {
    const end = part.indexOf("=");
    const name = part.slice(0, end < 0 ? part.length : end);
    const value = end < 0 ? "" : part.slice(end + 1);
    const known = fields.get(name);
    if (known) known.push(value);
    else fields.set(name, [value]);
  }
  return fields;
}

/** The header's text. Throws 401 when the sender left it out. */
export function requireHeader(headers: RequestHeaders, name: string): string {
  const value = headers.get(name);
  if (!value) throw new RequestError(401, `The header ${name} is missing`);
  return value;
}

interface Recent {
  /** Epoch seconds that the signature covers. */
  seconds: number;
  receivedAt: Date;
  toleranceSeconds: number;
  /** Whether a clock ahead of ours is refused as well; some vendors' own verifiers allow it. */
  future: "refused" | "allowed";
  /** What the vendor documents for a refusal. */
  status?: number;
}

/** Throws (401, or the vendor's status) when the signed time is too far from the receipt. */
export function requireRecent({
  seconds,
  receivedAt,
  toleranceSeconds,
  future,
  status,
}: Recent): void {
  const age = Math.floor(receivedAt.getTime() / 1000) - seconds;
  const ahead = future === "refused" && -age > toleranceSeconds;
  if (age <= toleranceSeconds && !ahead) return;
  throw new RequestError(
    status ?? 401,
    `The signature's time is ${Math.abs(age)} s away from ours`,
  );
}

interface Hmac {
  algorithm: "sha1" | "sha256" | "sha512";
  key: string | Buffer;
  signed: readonly (string | Buffer)[];
}

type Encoding = "hex" | "base64";

/** The message's HMAC as text. */
export function hmac({ algorithm, key, signed }: Hmac, encoding: Encoding): string {
  const digest = createHmac(algorithm, key);
  for (const part of signed) digest.update(part);
  return digest.digest(encoding);
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function sameText(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

interface ManyKeys extends Omit<Hmac, "key"> {
  /** More than one while a secret is being replaced. */
  keys: readonly (string | Buffer)[];
  encoding: Encoding;
  /** What the sender gave: one match is enough. */
  signatures: readonly string[];
  status?: number;
}

/** Whether one of the given signatures was made with one of the keys. */
export function matchesHmac(check: ManyKeys): boolean {
  const { algorithm, keys, signed, encoding, signatures } = check;
  return keys.some((key) => {
    const expected = hmac({ algorithm, key, signed }, encoding);
    return signatures.some((given) => sameText(given, expected));
  });
}

/** Throws (401, or the vendor's status) unless one signature was made with one of the keys. */
export function requireHmac(check: ManyKeys): void {
  if (matchesHmac(check)) return;
  throw new RequestError(check.status ?? 401, "The signature does not match the body");
}

/** An ed25519 public key from its 32 raw bytes. Throws when there are not 32. */
export function ed25519Key(raw: Buffer): KeyObject {
  if (raw.length !== 32) throw new Error("an ed25519 public key has 32 bytes");
  const jwk = { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") };
  return createPublicKey({ format: "jwk", key: jwk });
}

/** Whether the 64 bytes are the key's signature of the message. */
export function matchesEd25519(key: KeyObject, message: Buffer, signature: Buffer): boolean {
  return signature.length === 64 && verify(null, message, key, signature);
}
