import type { AppLoadContext } from "@remix-run/node";
import { askedMark, askedSeconds } from "#server/access/asked.ts";
import { cookieOf } from "#server/http/cookie.ts";

/** One browser is used for so many addresses at a time. */
const mostMarks = 5;

function nameOf({ config }: AppLoadContext): string {
  return `${config.publicUrl.startsWith("https:") ? "__Host-" : ""}portal.browser`;
}

/** What the browser keeps of having asked for links, newest first. */
export function askedIn(request: Request, context: AppLoadContext): string[] {
  const marks = cookieOf(request.headers, nameOf(context))?.split("~") ?? [];
  return marks.filter((mark) => /^[\w-]{1,12}\.[\w-]{43}$/.test(mark)).slice(0, mostMarks);
}

/**
 * The header by which a browser keeps that it asked for an address, beside what it asked for before: the
 * links to it work there. Its path is every page: with JavaScript a form goes to another address than its page's.
 */
export function keepAsked(request: Request, context: AppLoadContext, email: string): string {
  const { config } = context;
  const mark = askedMark(config.appSecrets, { email, at: Math.floor(Date.now() / 1000) });
  const marks = [mark, ...askedIn(request, context)].slice(0, mostMarks);
  const secure = config.publicUrl.startsWith("https:") ? "; Secure" : "";
  const lasting = `Path=/; Max-Age=${askedSeconds}; HttpOnly; SameSite=Lax${secure}`;
  return `${nameOf(context)}=${marks.join("~")}; ${lasting}`;
}
