import { z } from "zod";
import type { Context } from "#server/context.ts";
import { act, disputeNow } from "./act-on-dispute.ts";
import type { Actor } from "./actor.ts";

export const TakeForm = z.object({ do: z.literal("take") });
export const GiveBackForm = z.object({ do: z.literal("give_back") });

/** Makes the actor the one who works a dispute, by name; an open one is under review from then on. */
export async function takeDispute(
  context: Context,
  actor: Actor,
  disputeId: string,
): Promise<void> {
  const dispute = await disputeNow(context, disputeId);
  if (dispute.state === "open") {
    await act(context, actor, [{ kind: "move_dispute", disputeId, state: "under_review" }]);
  } else {
    const processor = actor.person.name;
    await act(context, actor, [{ kind: "assign_dispute", disputeId, processor }]);
  }
}

/** Puts a dispute back among those that nobody works. */
export async function giveBackDispute(
  context: Context,
  actor: Actor,
  disputeId: string,
): Promise<void> {
  await act(context, actor, [{ kind: "assign_dispute", disputeId, processor: null }]);
}
