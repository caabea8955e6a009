import { z } from "zod";
import type { Context } from "#server/context.ts";
import { act } from "./act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";

export const RejectForm = z.object({
  do: z.literal("reject"),
  text: z.string().trim().min(1, "Write the reason: the customer reads it").max(5000),
});

/** Ends a dispute without a credit, with the reason that the customer reads. */
export async function rejectDispute(
  context: Context,
  actor: Actor,
  { disputeId, text }: { disputeId: string; text: string },
): Promise<void> {
  await act(context, actor, [
    { kind: "move_dispute", disputeId, state: "rejected", message: text },
  ]);
}
