import type { z } from "zod";
import { createHash } from "node:crypto";
import { findVisibleInvoice } from "#db/queries/api-invoices.ts";
import { claimRequest, noteDispute } from "#db/queries/api-requests.ts";
import type { Db } from "#db/connect.ts";
import { disputesAfter, findDispute } from "#db/queries/dispute-queue.ts";
import type { Context } from "#server/context.ts";
import { canonicalJson } from "#domain/canonical-json.ts";
import type { DisputeState } from "#domain/dispute.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { act } from "#server/disputes/act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";
import { answerDispute } from "#server/disputes/answer-dispute.ts";
import { resolveDispute } from "#server/disputes/resolve-dispute.ts";
import { recordIn } from "#server/ledger/record.ts";
import { actorOf, type Caller } from "./key-check.ts";
import { afterNumber, pageOf, type Paging } from "./paging.ts";
import { presentDispute } from "./present.ts";
import type { DisputePatch, NewDispute } from "./schemas.ts";

/** The invoice, when this caller may see it. Throws 404 otherwise. */
export async function requireVisibleInvoice({ db }: Context, caller: Caller, id: string) {
  const invoice = await findVisibleInvoice(db, caller.customer, id);
  if (!invoice) throw new RequestError(404, "There is no such invoice");
  return invoice;
}

type DisputeQuery = z.output<typeof Paging> & {
  customer?: string | undefined;
  invoice?: string | undefined;
  state?: DisputeState | undefined;
};

/** A page of disputes; a customer's key sees its own customer's alone. */
export async function disputePage({ db }: Context, caller: Caller, query: DisputeQuery) {
  const { after, limit, state, customer, invoice } = query;
  const own = caller.customer?.customerId;
  const foreign = own !== undefined && customer !== undefined && customer !== own;
  const filter = { customerId: own ?? customer, invoiceId: invoice, state };
  const page = { ...filter, after: afterNumber(after), limit: limit + 1 };
  const rows = foreign ? [] : await disputesAfter(db, page);
  const item = (row: (typeof rows)[number]) => presentDispute(row, caller);
  const cursor = (row: (typeof rows)[number]) => String(row.sequence);
  return pageOf(rows, { limit, item, cursor });
}

/** The dispute, when this caller may see it. Throws 404 otherwise. */
export async function visibleDispute({ db }: Context, caller: Caller, id: string) {
  const dispute = await findDispute(db, id);
  const hidden = caller.customer !== null && dispute?.customer_id !== caller.customer.customerId;
  if (!dispute || hidden) throw new RequestError(404, "There is no such dispute");
  return dispute;
}

interface Opening {
  invoiceId: string;
  asked: z.output<typeof NewDispute>;
  /** The call's `Idempotency-Key`, if it has one. */
  once: string | undefined;
}

/**
 * Opens a dispute as the key's name and gives its id; with an `Idempotency-Key` that was used before,
 * the id of the dispute that it opened. Throws 404, 409, or 422, also for the same key with another body.
 */
export async function openByKey(
  context: Context,
  caller: Caller,
  opening: Opening,
): Promise<string> {
  const { id, events } = await context.writer.transaction().execute(async (trx) => {
    const earlier = await claim(trx, context, { caller, opening });
    return earlier === null
      ? openIn(trx, context, { caller, opening })
      : { id: earlier, events: [] };
  });
  context.committed.publish(events);
  return id;
}

interface Asking {
  caller: Caller;
  opening: Opening;
}

/** Null when this call is the first of its `Idempotency-Key`, or has none; else the dispute's id. */
async function claim(trx: Db, context: Context, { caller, opening }: Asking) {
  const { once, ...asked } = opening;
  if (once === undefined) return null;
  const hash = createHash("sha256").update(canonicalJson(asked)).digest("hex");
  const names = { key_id: caller.id, idempotency_key: once };
  const at = toInstant(context.clock());
  const earlier = await claimRequest(trx, { ...names, request_hash: hash, created_at: at });
  if (!earlier) return null;
  if (earlier.request_hash !== hash || earlier.dispute_id === null) {
    const message = "was used with another request before";
    const fields = { "idempotency-key": message };
    throw new RequestError(422, `Idempotency-Key ${message}`, { fields });
  }
  return earlier.dispute_id;
}

async function openIn(
  trx: Db,
  context: Context,
  { caller, opening: { invoiceId, asked, once } }: Asking,
): Promise<{ id: string; events: LedgerEvent[] }> {
  const { customerReference, ...rest } = asked;
  const reference = customerReference === undefined ? {} : { customerReference };
  const action = { kind: "open_dispute", invoiceId, ...rest, ...reference } as const;
  const { source, person } = await actorOf(trx, caller);
  const { events } = await recordIn(trx, context, {
    kind: "person",
    source,
    person,
    actions: [action],
  });
  const opened = events.find((event) => event.type === "dispute.opened");
  if (!opened) throw new Error("record() opened no dispute though it refused nothing");
  const { id } = opened.data.dispute;
  if (once !== undefined) await noteDispute(trx, { key: caller.id, once, dispute: id });
  return { id, events };
}

/** Moves a dispute, or adds words when no state is named. Throws 403, 409 or 422. */
export async function patchByKey(
  context: Context,
  caller: Caller,
  { disputeId, ...patch }: z.output<typeof DisputePatch> & { disputeId: string },
): Promise<void> {
  const actor = await actorOf(context.db, caller);
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
  const customerMoves: (DisputeState | undefined)[] = ["withdrawn", "open", undefined];
  if (actor.person.side === "customer" && !customerMoves.includes(state)) {
    throw new RequestError(403, "A customer's key withdraws, reopens, or adds words to a dispute");
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
