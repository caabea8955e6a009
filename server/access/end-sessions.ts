import { z } from "zod";
import type { Session } from "#db/queries/people.ts";
import type { Context } from "#server/context.ts";
import { auditIn } from "#server/ledger/audit.ts";

export const EndSessionsForm = z.object({
  /** Whatever else is asked ends the other ones: nothing here can be wrong. */
  which: z.enum(["others", "all"]).catch("others"),
  to: z.string().catch("/"),
});

/** Ends every session of the person but the one that asks; written to the audit chain. */
export async function endOtherSessions(
  context: Context,
  { userId, token }: Pick<Session, "userId" | "token">,
): Promise<void> {
  const events = await context.writer.transaction().execute(async (trx) => {
    const ended = await trx
      .deleteFrom("session")
      .where("userId", "=", userId)
      .where("token", "!=", token)
      .returning("id")
      .execute();
    return auditIn(trx, context, {
      source: { kind: "user", user: userId },
      action: "sessions_ended",
      subject: userId,
      details: { count: ended.length },
    });
  });
  context.committed.publish(events);
}
