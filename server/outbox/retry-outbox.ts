import { unsuppress } from "#db/queries/mail-suppressions.ts";
import { releaseMails } from "#db/queries/mails.ts";
import { attemptsOf, findOutbox } from "#db/queries/outbox-log.ts";
import type { Db } from "#db/connect.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "#server/audit/audited.ts";

/**
 * Tries a row at once: one that waits for its next attempt, or a parked one, whose attempts begin anew. A mail
 * to an address that refused mail frees every mail to it. Throws RequestError 404 for an unknown row, 409 for
 * one that is done, is being tried right now, or is a sign-in link.
 */
export async function retryRow(
  portal: Context & Pick<Portal, "wakeOutbox">,
  source: Source,
  id: string,
): Promise<void> {
  await audited(portal, async (trx) => {
    const row = await findOutbox(trx, id);
    if (!row) throw new RequestError(404, "There is no such row in the outbox");
    await requireTriable(trx, row);
    const now = toInstant(portal.clock());
    if (row.parked_at !== null && row.kind === "mail") {
      await unsuppress(trx, row.target);
      await releaseMails(trx, row.target, now);
    } else await makeDue(trx, row, now);
    const details = { what: row.what, target: row.target };
    return { result: null, note: { source, action: "outbox_retried", subject: id, details } };
  });
  portal.wakeOutbox();
}

async function requireTriable(trx: Db, row: OutboxRow): Promise<void> {
  if (row.done_at !== null)
    throw new RequestError(409, "It is done, there is nothing to try again");
  if (row.parked_at !== null && row.what === "sign_in") {
    throw new RequestError(409, "A sign-in link is not sent twice: ask for a new one instead");
  }
  const [last] = (await attemptsOf(trx, row.id)).slice(-1);
  // A lease counts the attempt before its result is written down.
  const isUnderWay =
    row.parked_at === null && row.attempts > 0 && (last?.at ?? "") < row.updated_at;
  if (isUnderWay) throw new RequestError(409, "It is being tried right now");
}

async function makeDue(trx: Db, row: OutboxRow, now: string): Promise<void> {
  const anew = row.parked_at === null ? {} : { parked_at: null, state: "queued", attempts: 0 };
  await trx
    .updateTable("outbox")
    .set({ ...anew, due_at: now, updated_at: now })
    .where("id", "=", row.id)
    .execute();
}
