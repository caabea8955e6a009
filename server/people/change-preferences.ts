import { z } from "zod";
import type { Session } from "#db/queries/people.ts";
import type { Context } from "#server/context.ts";
import { locales } from "#domain/locale.ts";
import { MailKind } from "#domain/mail.ts";
import { isZone, toInstant } from "#domain/time.ts";
import { auditIn } from "#server/ledger/audit.ts";

/** The kinds of mail that this person may get: the supplier's staff have their own. */
export function mailKindsFor({ staffRole }: Pick<Session, "staffRole">): MailKind[] {
  return MailKind.options.filter((kind) => kind.startsWith("finance_") === (staffRole !== null));
}

const kinds = z.array(MailKind);

export const PreferencesForm = z.object({
  timeZone: z.string().refine(isZone, "Choose a time zone such as Europe/Amsterdam"),
  locale: z.enum(locales, "Choose a language"),
  /** The kinds that are wanted; what is unticked stops. */
  mail: z.preprocess(
    (given) => (given === undefined ? [] : typeof given === "string" ? [given] : given),
    kinds,
  ),
});

/** Keeps how a person sees times and amounts and which mail they want; the audit chain says so. */
export async function changePreferences(
  context: Context,
  session: Session,
  form: z.infer<typeof PreferencesForm>,
): Promise<void> {
  const now = toInstant(context.clock());
  const offered = mailKindsFor(session);
  const stopped = offered.filter((kind) => !form.mail.includes(kind));
  const events = await context.writer.transaction().execute(async (trx) => {
    const { timeZone, locale } = form;
    const updatedAt = new Date().toISOString();
    await trx
      .updateTable("user")
      .set({ timeZone, locale, updatedAt })
      .where("id", "=", session.userId)
      .execute();
    await trx
      .deleteFrom("mail_stops")
      .where("user_id", "=", session.userId)
      .where("kind", "in", offered)
      .execute();
    for (const kind of stopped) {
      const row = { user_id: session.userId, kind, stopped_at: now };
      await trx.insertInto("mail_stops").values(row).execute();
    }
    return auditIn(trx, context, {
      source: { kind: "user", user: session.userId },
      action: "preferences_changed",
      subject: session.userId,
      details: { timeZone, locale, stopped: stopped.join(" ") },
    });
  });
  context.committed.publish(events);
}
