import { releaseMails } from "#db/queries/mails.ts";
import { findOutbox } from "#db/queries/outbox-log.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#server/domain/event.ts";
import { toInstant } from "#server/domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "./audited.ts";

/**
 * Tries a parked row again at once. A mail that was refused frees every mail to that address.
 * Throws RequestError 404 for an unknown row, 409 for one that is not parked or whose link is dead.
 */
export async function retryRow(
  portal: Context & Pick<Portal, "wakeOutbox">,
  source: Source,
  id: string,
): Promise<void> {
  await audited(portal, async (trx) => {
    const row = await findOutbox(trx, id);
    if (!row) throw new RequestError(404, "There is no such row in the outbox");
    if (row.parked_at === null || row.done_at !== null) {
      throw new RequestError(409, "It is not parked, there is nothing to try again");
    }
    if (row.sequence === null) {
      throw new RequestError(409, "Its link is no longer valid: send a new one instead");
    }
    const now = toInstant(portal.clock());
    if (row.kind === "mail") await releaseMails(trx, row.target, now);
    else {
      await trx
        .updateTable("outbox")
        .set({ parked_at: null, state: "queued", due_at: now, attempts: 0, updated_at: now })
        .where("id", "=", id)
        .execute();
    }
    const details = { what: row.what, target: row.target };
    return { result: null, note: { source, action: "outbox_retried", subject: id, details } };
  });
  portal.wakeOutbox();
}
