import { findDispute } from "#db/queries/dispute-queue.ts";
import type { Context } from "#server/context.ts";
import type { PersonAction } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import { record } from "#server/ledger/record.ts";
import type { Actor } from "#server/people/actor.ts";

/** The dispute as it is now. Throws 404 when there is none of this id. */
export async function disputeNow(context: Context, id: string) {
  const dispute = await findDispute(context.db, id);
  if (!dispute) throw new RequestError(404, "There is no such dispute");
  return dispute;
}

/** Writes what somebody of the supplier did. Throws 409 where the dispute's state does not allow it. */
export async function act(context: Context, actor: Actor, actions: PersonAction[]): Promise<void> {
  const { source, person } = actor;
  await record(context, { kind: "person", source, person, actions });
}
