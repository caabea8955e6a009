import { createHmac, timingSafeEqual } from "node:crypto";

/** A sign-in link's token, and the secret of the browser that asked; null: any browser may use it. */
interface Link {
  token: string;
  browser: string | null;
}

/** Says inside the link who may use it, so that nobody can turn a bound link into a free one. */
export function sealOf(secrets: readonly string[], { token, browser }: Link): string {
  const [secret = ""] = secrets;
  return mac(secret, `sign-in\n${token}\n${browser === null ? "any" : `browser ${browser}`}`);
}

/** Whether the seal allows this browser, by any of the secrets that still count. */
export function isSealed(secrets: readonly string[], link: Link & { seal: string }): boolean {
  const browsers = link.browser === null ? [null] : [null, link.browser];
  return secrets.some((secret) =>
    browsers.some((browser) => equal(sealOf([secret], { ...link, browser }), link.seal)),
  );
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

function mac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function equal(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
