import { deleteStop, insertStop, stoppedKinds } from "#db/queries/mails.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import { auditIn } from "#server/ledger/audit.ts";
import type { Subscription } from "./unsubscribe.ts";

/** Stops one kind of mail for one person, or lets it through again; audited, and nothing when it is so. */
export async function setMailStop(
  context: Context,
  { userId, kind, wanted }: Subscription & { wanted: boolean },
): Promise<void> {
  const events = await context.writer.transaction().execute(async (trx) => {
    const stopped = (await stoppedKinds(trx, userId)).includes(kind);
    if (stopped !== wanted) return [];
    const stop = { user_id: userId, kind };
    if (wanted) await deleteStop(trx, stop);
    else await insertStop(trx, { ...stop, stopped_at: toInstant(context.clock()) });
    return auditIn(trx, context, {
      source: { kind: "user", user: userId },
      action: wanted ? "mail_resumed" : "mail_stopped",
      subject: userId,
      details: { kind },
    });
  });
  context.committed.publish(events);
}
