import type { AppLoadContext } from "@remix-run/node";
import { stoppedKinds } from "#db/queries/mails.ts";
import type { Session } from "#db/queries/people.ts";
import { locales } from "#domain/locale.ts";
import { mailKindsFor } from "#server/people/change-preferences.ts";

/** What the form of preferences offers to this person, and which mail they stopped. */
export async function preferencesOf({ db }: AppLoadContext, session: Session) {
  const known = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC");
  return {
    kinds: mailKindsFor(session),
    stopped: await stoppedKinds(db, session.userId),
    locales,
    zones: ["UTC", ...known],
  };
}
