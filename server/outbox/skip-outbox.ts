import { z } from "zod";
import { findOutbox } from "#db/queries/outbox-log.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "#server/audit/audited.ts";

export const SkipForm = z.object({
  do: z.literal("skip"),
  reason: z.string().trim().min(1, "Write why it is given up: it is kept for the audit").max(300),
});

/**
 * Gives up a parked row, so that what waits behind it goes on; the reason stays with the row and in
 * the ledger. Throws RequestError 404 for an unknown row, 409 for one that is not parked.
 */
export async function skipRow(
  portal: Context & Pick<Portal, "wakeOutbox">,
  source: Source,
  { id, reason }: { id: string; reason: string },
): Promise<void> {
  await audited(portal, async (trx) => {
    const row = await findOutbox(trx, id);
    if (!row) throw new RequestError(404, "There is no such row in the outbox");
    if (row.parked_at === null || row.done_at !== null) {
      throw new RequestError(409, "It is not parked: only what needs a person can be skipped");
    }
    const now = toInstant(portal.clock());
    const skipped = { state: "skipped", done_at: now, parked_at: null, updated_at: now } as const;
    await trx
      .updateTable("outbox")
      .set({ ...skipped, last_answer: `Skipped: ${reason}` })
      .where("id", "=", id)
      .execute();
    const details = { what: row.what, target: row.target, reason };
    return { result: null, note: { source, action: "outbox_skipped", subject: id, details } };
  });
  portal.wakeOutbox();
}
