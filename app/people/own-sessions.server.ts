import type { AppLoadContext } from "@remix-run/node";
import type { Session } from "#db/queries/people.ts";
import { sessionsOf } from "#db/queries/sessions.ts";
import { sessionValidity } from "#server/access/session-life.ts";

/** The person's sessions as their settings list them; no token leaves the server. */
export async function ownSessions({ db }: AppLoadContext, { userId, token }: Session) {
  const sessions = await sessionsOf(db, userId, sessionValidity(new Date()));
  return sessions.map((session) => ({
    id: session.id,
    createdAt: session.createdAt,
    usedAt: session.updatedAt,
    browser: browserName(session.userAgent),
    isThis: session.token === token,
  }));
}

const browsers = [
  [/Edg/, "Edge"],
  [/OPR/, "Opera"],
  [/Firefox/, "Firefox"],
  [/Chrom/, "Chrome"],
  [/Safari/, "Safari"],
] as const;
const systems = [
  [/Windows/, "Windows"],
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Mac OS/, "macOS"],
  [/Linux/, "Linux"],
] as const;

/** "Firefox on Windows", as far as the browser tells. */
function browserName(userAgent: string | null): string {
  const named = (names: readonly (readonly [RegExp, string])[]) =>
    names.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1];
  const browser = named(browsers) ?? "A browser";
  const system = named(systems);
  return system === undefined ? browser : `${browser} on ${system}`;
}
