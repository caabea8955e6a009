import { z } from "zod";
import { findDispute } from "#db/queries/disputes-of.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { RequestError } from "#server/errors.ts";
import { ownInvoice, recordOf } from "#server/customers/own-invoice.ts";

export const CommentForm = z.object({
  text: z.string().trim().min(1, "Write something first").max(5000, "At most 5,000 characters"),
  disputeId: z.string().optional(),
});

/**
 * Adds the customer's words to an invoice or one of its disputes. An answer to a dispute that waits
 * for the customer gives it back to the supplier. Throws 404 for what is another customer's.
 */
export async function comment(
  context: Context,
  scope: CustomerScope,
  { invoiceId, text, disputeId }: z.infer<typeof CommentForm> & { invoiceId: string },
): Promise<void> {
  if (!disputeId) {
    const { row } = await ownInvoice(context, scope, invoiceId);
    await recordOf(context, scope, [{ kind: "comment", invoiceId: row.id, text }]);
    return;
  }
  // A dispute stays its customer's, also when its invoice became another's.
  const dispute = await findDispute(context.db, scope, disputeId);
  if (!dispute) throw new RequestError(404, "There is no such dispute");
  const about = { invoiceId: dispute.invoice_id, disputeId: dispute.id };
  await recordOf(context, scope, [{ kind: "comment", ...about, text }]);
}
