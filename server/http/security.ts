import helmet from "helmet";
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "#server/config.ts";
import { RequestError } from "#server/errors.ts";

const harmless = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses (RequestError 403) what a foreign page makes a browser send. Remix checks documents only,
 * trusts X-Forwarded-Host and lets an absent Origin pass, so this stands in front of everything
 * that is neither a webhook nor a bearer call of the API.
 */
export function requireOwnOrigin(incoming: IncomingMessage, ownOrigins: string[]): void {
  if (harmless.has(incoming.method ?? "GET") || isBearerCall(incoming)) return;
  const { origin, cookie } = incoming.headers;
  const site = incoming.headers["sec-fetch-site"];
  if (origin !== undefined && !isOwn(origin, site, ownOrigins)) throw foreign();
  if (site !== undefined && site !== "same-origin" && site !== "none") throw foreign();
  if (origin === undefined && site === undefined && cookie !== undefined) throw foreign();
}

/**
 * A page that sends no referrer sends `Origin: null` with its form (Fetch, "append a request Origin
 * header"). Sec-Fetch-Site says then whose page it is; no script can set it.
 */
function isOwn(origin: string, site: unknown, ownOrigins: string[]): boolean {
  return ownOrigins.includes(origin) || (origin === "null" && site === "same-origin");
}

function foreign(): RequestError {
  return new RequestError(403, "This request did not come from a page of the portal");
}

/**
 * Refuses (RequestError 421) a name that is not this machine's where the portal is for this machine alone: a
 * page that makes its own name point here would otherwise read /dev/mail with its sign-in links. Where
 * a proxy stands in front, it may put any name there.
 */
export function requireOwnHost({ headers }: IncomingMessage, { publicUrl }: Config): void {
  const own = new URL(publicUrl);
  const isLocal = (name: string) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(name);
  if (!isLocal(own.host) || headers.host === undefined || isLocal(headers.host)) return;
  throw new RequestError(421, `This portal answers at ${own.host} alone`);
}

/** Only a program can send a bearer key, and /api reads no cookie. The path counts as routes read it. */
function isBearerCall({ url, headers }: IncomingMessage): boolean {
  if (!/^bearer /i.test(headers.authorization ?? "")) return false;
  const base = "http://portal.invalid";
  const path = URL.canParse(url ?? "", base) ? new URL(url ?? "", base).pathname : "";
  return /^\/api\/v\d+\//.test(path);
}

/** Gives a function that sets the protective headers of a page and gives its nonce. */
export function protector(
  config: Config,
): (incoming: IncomingMessage, outgoing: ServerResponse) => string {
  const https = config.publicUrl.startsWith("https:");
  const setHeaders = helmet({
    contentSecurityPolicy: false,
    strictTransportSecurity: https && { maxAge: 31_536_000 },
    // An address may hold a token: no other site learns it. No page narrows this further, see isOwn.
    referrerPolicy: { policy: "same-origin" },
    xFrameOptions: { action: "deny" },
  });
  return (incoming, outgoing) => {
    const nonce = randomBytes(16).toString("base64");
    setHeaders(incoming, outgoing, () => {
      outgoing.setHeader("content-security-policy", policy({ nonce, https, ...config }));
      outgoing.setHeader(
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=()",
      );
    });
    return nonce;
  };
}

/** Style attributes are let in because React writes them into the markup; elements need the nonce. */
function policy(page: { nonce: string; https: boolean; production: boolean }): string {
  const styles = page.production ? `'nonce-${page.nonce}'` : "'unsafe-inline'";
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${page.nonce}'`,
    `style-src 'self' ${styles}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    page.production ? "connect-src 'self'" : "connect-src 'self' ws:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(page.https ? ["upgrade-insecure-requests"] : []),
  ];
  return directives.join("; ");
}
