import { createHmac, timingSafeEqual } from "node:crypto";

/** Who may use a sign-in link: every browser, or those that asked for its address. */
export type LinkUse = "any" | "asked";

interface Link {
  token: string;
  use: LinkUse;
}

/** Says inside the link who may use it, so that nobody can turn a bound link into a free one. */
export function sealOf(secrets: readonly string[], { token, use }: Link): string {
  const [secret = ""] = secrets;
  return macOf(secret, `sign-in\n${token}\n${use}`);
}

/** Who may use the link by its seal, by any of the secrets that still count; null for a made-up seal. */
export function useOf(
  secrets: readonly string[],
  { token, seal }: { token: string; seal: string },
): LinkUse | null {
  const uses = ["any", "asked"] as const;
  const isOf = (use: LinkUse) =>
    secrets.some((secret) => equal(sealOf([secret], { token, use }), seal));
  return uses.find(isOf) ?? null;
}

/** The value of a signed cookie, `value.signature`; null when none of the secrets signed it. */
export function signedValue(cookie: string, secrets: readonly string[]): string | null {
  const dot = cookie.lastIndexOf(".");
  if (dot < 1) return null;
  const value = cookie.slice(0, dot);
  const given = cookie.slice(dot + 1);
  const signatures = secrets.map((secret) =>
    createHmac("sha256", secret).update(value).digest("base64"),
  );
  return signatures.some((signature) => equal(signature, given)) ? value : null;
}

/** HMAC-SHA256, base64url. */
export function macOf(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function equal(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
