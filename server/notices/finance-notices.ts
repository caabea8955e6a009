import { z } from "zod";
import { updateConnection } from "#db/queries/connections.ts";
import { markReplayed } from "#db/queries/deliveries.ts";
import { closeNotices, findNotice, noticesOf } from "#db/queries/finance-notices.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "#server/audit/audited.ts";

export const NoticeForm = z.object({ do: z.enum(["done", "believe"]), notice: z.string().min(1) });

/** Notices of one connection that are settled by believing it; the rest come up again by themselves. */
const mostBelieved = 500;

/** Closes a notice, or believes its connection from there on. Throws RequestError 404. */
export async function settleNotice(
  portal: Portal,
  source: Source,
  form: z.infer<typeof NoticeForm>,
): Promise<void> {
  const notice = await findNotice(portal.db, form.notice);
  if (!notice) throw new RequestError(404, "There is no such notice");
  if (form.do === "believe") return believe(portal, source, notice.connection_id);
  await audited(portal, async (trx) => {
    await closeNotices(trx, [notice.id], toInstant(portal.clock()));
    const details = { action: notice.action };
    return { result: null, note: { source, action: "notice_closed", subject: notice.id, details } };
  });
}

/**
 * From the first of the connection's messages that carried an older version, its versions count anew:
 * what came before is older, whatever version it has. The messages that were outvoted are recorded again.
 */
async function believe(portal: Portal, source: Source, connection: string): Promise<void> {
  const query = { action: "version_behind", connection, limit: mostBelieved };
  const notices = await noticesOf(portal.db, query);
  const [first] = notices.toSorted((a, b) => (a.since < b.since ? -1 : 1));
  if (!first) throw new RequestError(404, `${connection} has sent no older versions`);
  const now = toInstant(portal.clock());
  await audited(portal, async (trx) => {
    await updateConnection(trx, connection, { versions_from: first.since });
    const details = { since: first.since };
    const note = { source, action: "versions_believed", subject: connection, details };
    return { result: null, note };
  });
  // Before the messages are recorded again, which is to find it so.
  await portal.connections.reload();
  await portal.writer.transaction().execute(async (trx) => {
    for (const { delivery_id } of notices) {
      if (delivery_id !== null) await markReplayed(trx, delivery_id, now);
    }
    const ids = notices.map(({ id }) => id);
    await closeNotices(trx, ids, now);
  });
  portal.wakeProcess();
}
