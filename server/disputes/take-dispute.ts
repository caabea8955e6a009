import { z } from "zod";
import type { Context } from "#server/context.ts";
import { act } from "./act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";

/** Who worked it when the page was drawn; "": nobody. */
const From = z.string().max(100).default("");

export const TakeForm = z.object({ do: z.literal("take"), from: From });
export const GiveBackForm = z.object({ do: z.literal("give_back"), from: From });

/**
 * Makes the actor the one who works a dispute, or puts it back among those that nobody works. Internal:
 * its customer hears nothing. Throws 409 when somebody else came first.
 */
export async function assignDispute(
  context: Context,
  actor: Actor,
  { disputeId, ...form }: z.infer<typeof TakeForm | typeof GiveBackForm> & { disputeId: string },
): Promise<void> {
  const to = form.do === "take" ? "me" : "nobody";
  const from = form.from === "" ? null : form.from;
  await act(context, actor, [{ kind: "assign_dispute", disputeId, to, from }]);
}
