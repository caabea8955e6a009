import type { Db } from "#db/connect.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import { eventOf } from "./read.ts";

const telling = ["invoice.adjusted", "dispute.opened", "dispute.reopened", "dispute.resolved"];

/**
 * The invoice's `credited` (minor units) on top of which the credit for a dispute comes. Accounting
 * books a credit before, with or after it resolves the dispute, so what it booked since the dispute was
 * opened counts as this one's, but for what other disputes were resolved with.
 */
export async function creditedBefore(
  trx: Db,
  { id, invoice_id }: Pick<DisputeRow, "id" | "invoice_id">,
): Promise<number> {
  const rows = await trx
    .selectFrom("events")
    .selectAll()
    .where("invoice_id", "=", invoice_id)
    .where("type", "in", telling)
    .orderBy("sequence")
    .execute();
  let credited = 0;
  let whenOpened = 0;
  let others = 0;
  for (const { type, data } of rows.map(eventOf)) {
    if (type === "invoice.adjusted") credited = data.settlement.credited;
    if (type === "dispute.opened" && data.dispute.id === id) whenOpened = credited;
    if (type === "dispute.reopened" && data.disputeId === id) whenOpened = credited;
    if (type === "dispute.resolved" && data.disputeId !== id) {
      others = Math.max(others, (data.creditedBefore ?? 0) + (data.creditedAmount ?? 0));
    }
  }
  return Math.max(whenOpened, others);
}
