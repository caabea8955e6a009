import { z } from "zod";
import type { Context } from "#server/context.ts";
import { act, disputeNow } from "./act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";

export const NoteForm = z.object({
  do: z.literal("note"),
  text: z.string().trim().min(1, "Write the note").max(5000),
});

/** Adds an internal note to a dispute. The customer never sees it, nor does any system. */
export async function addNote(
  context: Context,
  actor: Actor,
  { disputeId, text }: { disputeId: string; text: string },
): Promise<void> {
  const { invoice_id: invoiceId } = await disputeNow(context, disputeId);
  await act(context, actor, [{ kind: "note", invoiceId, disputeId, text }]);
}
