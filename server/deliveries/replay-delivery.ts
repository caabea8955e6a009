import { markReplayed } from "#db/queries/deliveries.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "#server/audit/audited.ts";

/**
 * Runs the stored bytes of a delivery through the present code again, quietly: what it tells that is
 * new is recorded, nobody is mailed and nothing is written back. Throws 404 when there is none.
 */
export async function replayDelivery(portal: Portal, source: Source, id: number): Promise<void> {
  await audited(portal, async (trx) => {
    if (!(await markReplayed(trx, id, toInstant(portal.clock())))) {
      throw new RequestError(404, "There is no such delivery");
    }
    const note = { source, action: "delivery_replayed", subject: String(id), details: {} };
    return { result: null, note };
  });
  portal.wakeProcess();
}
