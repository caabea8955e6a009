import { z } from "zod";
import type { Context } from "#server/context.ts";
import { act, disputeNow } from "./act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";

export const AnswerForm = z.object({
  do: z.literal("answer"),
  text: z.string().trim().min(1, "Write what the customer will read").max(5000),
});

/** Says something to the customer in a dispute; its state stays. */
export async function answerDispute(
  context: Context,
  actor: Actor,
  { disputeId, text }: { disputeId: string; text: string },
): Promise<void> {
  const { invoice_id: invoiceId } = await disputeNow(context, disputeId);
  await act(context, actor, [{ kind: "comment", invoiceId, disputeId, text }]);
}
