import { z } from "zod";
import type { Context } from "#server/context.ts";
import type { PersonAction } from "#server/domain/change.ts";
import { act, disputeNow } from "./act-on-dispute.ts";
import type { Actor } from "./actor.ts";

export const TakeForm = z.object({ do: z.literal("take") });
export const GiveBackForm = z.object({ do: z.literal("give_back") });

/** Makes the actor the one who works a dispute; an open one is under review from then on. */
export async function takeDispute(
  context: Context,
  actor: Actor,
  disputeId: string,
): Promise<void> {
  const dispute = await disputeNow(context, disputeId);
  const actions: PersonAction[] = [
    { kind: "assign_dispute", disputeId, processor: actor.person.id },
  ];
  if (dispute.state === "open") {
    actions.push({ kind: "move_dispute", disputeId, state: "under_review" });
  }
  await act(context, actor, actions);
}

/** Puts a dispute back among those that nobody works. */
export async function giveBackDispute(
  context: Context,
  actor: Actor,
  disputeId: string,
): Promise<void> {
  await act(context, actor, [{ kind: "assign_dispute", disputeId, processor: null }]);
}
