import type { z } from "zod";
import { findVisibleInvoice } from "#db/queries/api-invoices.ts";
import { findDispute } from "#db/queries/dispute-queue.ts";
import type { Context } from "#server/context.ts";
import { RequestError } from "#server/errors.ts";
import { act } from "#server/finance/act-on-dispute.ts";
import type { Actor } from "#server/finance/actor.ts";
import { answerDispute } from "#server/finance/answer-dispute.ts";
import { resolveDispute } from "#server/finance/resolve-dispute.ts";
import { record } from "#server/ledger/record.ts";
import { actorOf, type Caller } from "./key-check.ts";
import type { DisputePatch, NewDispute } from "./schemas.ts";

/** The dispute, when this caller may see it. Throws 404 otherwise. */
export async function visibleDispute({ db }: Context, caller: Caller, id: string) {
  const dispute = await findDispute(db, id);
  const hidden = caller.customer !== null && dispute?.customer_id !== caller.customer.customerId;
  if (!dispute || hidden) throw new RequestError(404, "There is no such dispute");
  return dispute;
}

/** Opens a dispute as the key's name. Throws 404, 403, 409 or 422. Gives its id. */
export async function openByKey(
  context: Context,
  caller: Caller,
  { invoiceId, ...asked }: z.output<typeof NewDispute> & { invoiceId: string },
): Promise<string> {
  if (!(await findVisibleInvoice(context.db, caller.customer, invoiceId))) {
    throw new RequestError(404, "There is no such invoice");
  }
  const { customerReference, ...rest } = asked;
  const reference = customerReference === undefined ? {} : { customerReference };
  const action = { kind: "open_dispute", invoiceId, ...rest, ...reference } as const;
  const { source, person } = actorOf(caller);
  const { events } = await record(context, { kind: "person", source, person, actions: [action] });
  for (const event of events) if (event.type === "dispute.opened") return event.data.dispute.id;
  throw new Error("record() opened no dispute though it refused nothing");
}

/** Moves a dispute, or adds words when no state is named. Throws 404, 403, 409 or 422. */
export async function patchByKey(
  context: Context,
  caller: Caller,
  { disputeId, ...patch }: z.output<typeof DisputePatch> & { disputeId: string },
): Promise<void> {
  await visibleDispute(context, caller, disputeId);
  const actor = actorOf(caller);
  const { state, message = "" } = patch;
  requireFitting(actor, patch);
  if (state === undefined) {
    await answerDispute(context, actor, { disputeId, text: message });
  } else if (state === "resolved") {
    const { creditedAmount = 0, rootCause } = patch;
    await resolveDispute(context, actor, { disputeId, creditedAmount, message, rootCause });
  } else {
    const words = message === "" ? {} : { message };
    await act(context, actor, [{ kind: "move_dispute", disputeId, state, ...words }]);
  }
}

function requireFitting(actor: Actor, patch: z.output<typeof DisputePatch>): void {
  const { state } = patch;
  if (actor.person.side === "customer" && state !== undefined && state !== "withdrawn") {
    throw new RequestError(403, "A customer's key may withdraw a dispute and add words to it");
  }
  if (actor.person.side === "supplier" && state === "withdrawn") {
    throw new RequestError(403, "Only the customer withdraws a dispute");
  }
  if (state === "resolved" && patch.creditedAmount === undefined) {
    throw refused("creditedAmount", "is needed with resolved, 0 for no credit");
  }
  if (state !== "resolved" && patch.creditedAmount !== undefined) {
    throw refused("creditedAmount", "goes with the state resolved only");
  }
  if (state !== "resolved" && patch.rootCause !== undefined) {
    throw refused("rootCause", "goes with the state resolved only");
  }
  if (state === "rejected" && patch.message === undefined) {
    throw refused("message", "is needed with rejected: the customer reads it");
  }
}

function refused(field: string, message: string): RequestError {
  return new RequestError(422, `${field}: ${message}`, { fields: { [field]: message } });
}
