import { z } from "zod";
import type { Context } from "#server/context.ts";
import { act } from "./act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";

export const AskForm = z.object({
  do: z.literal("ask"),
  text: z.string().trim().min(1, "Write what the customer should tell you").max(5000),
});

/** Asks the customer something: the dispute waits for them, and the clocks are paused until they answer. */
export async function askCustomer(
  context: Context,
  actor: Actor,
  { disputeId, text }: { disputeId: string; text: string },
): Promise<void> {
  await act(context, actor, [
    { kind: "move_dispute", disputeId, state: "waiting_for_customer", message: text },
  ]);
}
