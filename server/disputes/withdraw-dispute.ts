import { z } from "zod";
import { findDispute } from "#db/queries/disputes-of.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { RequestError } from "#server/errors.ts";
import { recordOf } from "#server/customers/own-invoice.ts";

export const WithdrawForm = z.object({ message: z.string().trim().max(5000).default("") });

/** Takes a dispute back. Throws 404 for another customer's, 409 when it is closed already. */
export async function withdrawDispute(
  context: Context,
  scope: CustomerScope,
  { number, message }: z.infer<typeof WithdrawForm> & { number: string },
): Promise<void> {
  const dispute = await findDispute(context.db, scope, number);
  if (!dispute) throw new RequestError(404, "There is no such dispute");
  await recordOf(context, scope, [
    {
      kind: "move_dispute",
      disputeId: dispute.id,
      state: "withdrawn",
      ...(message !== "" && { message }),
    },
  ]);
}
