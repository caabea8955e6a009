import { z } from "zod";
import type { Context } from "#server/context.ts";
import { act } from "./act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";

export const ReopenForm = z.object({
  do: z.literal("reopen"),
  text: z.string().trim().max(5000),
});

/** Opens a closed dispute again. Throws 409 when it is not closed. */
export async function reopenDispute(
  context: Context,
  actor: Actor,
  { disputeId, text }: { disputeId: string; text: string },
): Promise<void> {
  await act(context, actor, [
    { kind: "move_dispute", disputeId, state: "open", ...(text ? { message: text } : {}) },
  ]);
}
