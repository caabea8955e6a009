import type { AppLoadContext } from "@remix-run/node";
import { randomBytes } from "node:crypto";
import { linkSeconds } from "#server/access/auth.ts";
import { signInTriedMs } from "#server/mail/sign-in.ts";
import { cookieOf } from "#server/http/cookie.ts";

function nameOf({ config }: AppLoadContext): string {
  return `${config.publicUrl.startsWith("https:") ? "__Host-" : ""}portal.browser`;
}

/** The secret that binds a sign-in link to the browser that asked; null when it never asked. */
export function browserSecret(request: Request, context: AppLoadContext): string | null {
  const secret = cookieOf(request.headers, nameOf(context));
  return secret !== null && /^[\w-]{32}$/.test(secret) ? secret : null;
}

/**
 * The secret to ask with, kept while one is there, so that an earlier link goes on working, and the header
 * that sets it. Its path is every page: with JavaScript a form goes to another address than its page's.
 */
export function keepBrowserSecret(request: Request, context: AppLoadContext) {
  const secret = browserSecret(request, context) ?? randomBytes(24).toString("base64url");
  const secure = context.config.publicUrl.startsWith("https:") ? "; Secure" : "";
  const seconds = signInTriedMs / 1000 + linkSeconds + 60;
  const lasting = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
  return { secret, header: `${nameOf(context)}=${secret}; ${lasting}` };
}
