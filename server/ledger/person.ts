import type { Db } from "#db/connect.ts";
import { recordsBeside } from "#db/queries/records.ts";
import type { DisputeRow, InvoiceRow } from "#db/schema.ts";
import type { PersonAction } from "#server/domain/change.ts";
import { isOpen, mayMove, wholeAmount } from "#server/domain/dispute.ts";
import { type DisputeMove, type Draft, supplierChain } from "#server/domain/event.ts";
import { newId } from "#server/domain/id.ts";
import type { Instant } from "#server/domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { creditedBefore } from "./credited-before.ts";
import { freeNumber } from "./dispute-number.ts";
import { firstResponseDueAt, moveType } from "./dispute-rules.ts";
import type { Person } from "./entry.ts";

interface Acting {
  person: Person;
  now: Instant;
}

type Action<Kind extends PersonAction["kind"]> = Extract<PersonAction, { kind: Kind }>;

/**
 * The events of what a person does, checked against the state in this transaction.
 * Throws RequestError 404 for what is not there, 409 for what may not be now, 422 for a wrong value.
 */
export async function eventsOfAction(
  trx: Db,
  action: PersonAction,
  acting: Acting,
): Promise<Draft[]> {
  switch (action.kind) {
    case "open_dispute":
      return openDispute(trx, action, acting);
    case "move_dispute":
      return moveDispute(trx, action, acting);
    case "assign_dispute":
      return assignDispute(trx, action, acting);
    case "comment":
    case "note":
      return words(trx, action, acting);
    case "promise":
      return promise(trx, action, acting);
  }
}

/** Also an invoice that went to another customer since the page was drawn is no longer there. */
async function invoiceOf(trx: Db, id: string, person: Person): Promise<InvoiceRow> {
  const row = await trx.selectFrom("invoices").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row || row.status === "draft" || !mayTouch(row, person)) {
    throw new RequestError(404, "There is no such invoice");
  }
  return row;
}

async function disputeOf(trx: Db, id: string, person: Person): Promise<DisputeRow> {
  const row = await trx.selectFrom("disputes").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row || !mayTouch(row, person)) throw new RequestError(404, "There is no such dispute");
  return row;
}

function mayTouch(row: { customer_id: string | null }, { customer }: Person): boolean {
  return customer === undefined || row.customer_id === customer;
}

function place(row: { customer_record_id: string }, invoice: string, now: Instant) {
  const audience = "customer" as const;
  return { chain: row.customer_record_id, invoice, audience, occurredAt: now };
}

async function openDispute(
  trx: Db,
  action: Action<"open_dispute">,
  { person, now }: Acting,
): Promise<Draft[]> {
  const invoice = await invoiceOf(trx, action.invoiceId, person);
  if (invoice.status === "void") {
    throw new RequestError(409, "A voided invoice cannot be disputed: nothing is asked for it");
  }
  const disputes = await trx
    .selectFrom("disputes")
    .selectAll()
    .where("invoice_id", "=", invoice.id)
    .where("customer_record_id", "in", recordsBeside(trx, invoice.customer_record_id))
    .execute();
  const whole = action.amount === null && action.lines.length === 0;
  requireNoOverlap(disputes, action, whole);
  const byLines = action.lines.reduce((sum, line) => sum + (line.amount ?? 0), 0);
  const amount = action.amount ?? (whole ? wholeAmount(invoice) : byLines);
  if (amount > Math.abs(invoice.total)) {
    const fields = { amount: "This is more than the invoice's total" };
    throw new RequestError(422, "The disputed amount is more than the invoice's total", { fields });
  }
  const dispute = {
    id: newId("dsp"),
    number: await freeNumber(trx, invoice.number, disputes.length),
    reason: action.reason,
    state: "open" as const,
    amount,
    whole,
    lines: action.lines,
    message: action.message,
    ...(action.customerReference && { customerReference: action.customerReference }),
    firstResponseDueAt: firstResponseDueAt(now),
  };
  const data = { dispute, author: person.name, side: person.side };
  return [{ type: "dispute.opened", data, ...place(invoice, invoice.id, now) }];
}

/** A whole-invoice dispute excludes others while it is open; partial ones need lines of their own. */
function requireNoOverlap(
  disputes: DisputeRow[],
  action: Action<"open_dispute">,
  whole: boolean,
): void {
  for (const other of disputes.filter(({ state }) => isOpen(state))) {
    const lines: unknown = JSON.parse(other.lines);
    const ids = Array.isArray(lines) ? lines.map((line: { lineId: string }) => line.lineId) : [];
    const overlaps =
      whole ||
      other.whole_at !== null ||
      ids.length === 0 ||
      action.lines.length === 0 ||
      action.lines.some(({ lineId }) => ids.includes(lineId));
    if (overlaps) {
      throw new RequestError(409, `${other.number} is still open about the same part of it`);
    }
  }
}

async function moveDispute(
  trx: Db,
  action: Action<"move_dispute">,
  { person, now }: Acting,
): Promise<Draft[]> {
  const dispute = await disputeOf(trx, action.disputeId, person);
  const { state, message, creditedAmount, rootCause } = action;
  requireMove(dispute, action, person);
  const data: DisputeMove = {
    disputeId: dispute.id,
    number: dispute.number,
    from: dispute.state,
    state,
    author: person.name,
    ...(message && { message }),
    ...(state === "under_review" && person.side === "supplier" && { processor: person.name }),
    ...(state === "resolved" && {
      creditedAmount: creditedAmount ?? 0,
      creditedBefore: await creditedBefore(trx, dispute),
    }),
  };
  const moved: Draft = {
    type: moveType(dispute.state, state),
    data,
    ...place(dispute, dispute.invoice_id, now),
  };
  if (!rootCause) return [moved];
  const details = { rootCause, number: dispute.number };
  const cause = { action: "dispute_root_cause_set", subject: dispute.id, details };
  return [moved, internal({ type: "audit.recorded", data: cause }, dispute.invoice_id, now)];
}

function requireMove(dispute: DisputeRow, action: Action<"move_dispute">, person: Person): void {
  const { state, message, creditedAmount = 0 } = action;
  if (!mayMove(dispute.state, state)) {
    throw new RequestError(
      409,
      `${dispute.number} is ${dispute.state.replaceAll("_", " ")} already`,
    );
  }
  const customerMoves = ["withdrawn", "open"];
  if (person.side === "customer" && !customerMoves.includes(state)) {
    throw new RequestError(403, "Only the supplier can do that");
  }
  if (person.side === "supplier" && state === "withdrawn") {
    throw new RequestError(403, "Only the customer can withdraw a dispute");
  }
  if (state === "rejected" && !message) {
    const fields = { message: "Say why: the customer reads it" };
    throw new RequestError(422, "A rejection needs a reason", { fields });
  }
  if (state === "resolved" && creditedAmount > dispute.amount) {
    const fields = { creditedAmount: "This is more than was disputed" };
    throw new RequestError(422, "More than was disputed cannot be credited", { fields });
  }
}

async function assignDispute(
  trx: Db,
  action: Action<"assign_dispute">,
  { person, now }: Acting,
): Promise<Draft[]> {
  const dispute = await disputeOf(trx, action.disputeId, person);
  if (!isOpen(dispute.state)) throw new RequestError(409, `${dispute.number} is closed`);
  const { id: disputeId, number, state } = dispute;
  const { processor } = action;
  const data = { disputeId, number, from: state, state, author: person.name, processor };
  return [{ type: "dispute.updated", data, ...place(dispute, dispute.invoice_id, now) }];
}

async function words(
  trx: Db,
  action: Action<"comment" | "note">,
  { person, now }: Acting,
): Promise<Draft[]> {
  // Words about a dispute stay with those who opened it, wherever its invoice went.
  const about = action.disputeId
    ? await disputeOf(trx, action.disputeId, person)
    : await invoiceOf(trx, action.invoiceId, person);
  if ("invoice_id" in about && about.invoice_id !== action.invoiceId) {
    throw new RequestError(404, "There is no such dispute");
  }
  const data = {
    commentId: newId("cmt"),
    text: action.text,
    author: person.name,
    side: person.side,
    ...(action.disputeId && { disputeId: action.disputeId }),
  };
  if (action.kind === "comment") {
    return [{ type: "comment.added", data, ...place(about, action.invoiceId, now) }];
  }
  if (person.side === "customer") throw new RequestError(403, "Notes are the supplier's own");
  return [internal({ type: "note.added", data }, action.invoiceId, now)];
}

/** Of the supplier's own chain: the customer never sees it. */
function internal(
  draft: Pick<Extract<Draft, { type: "note.added" | "audit.recorded" }>, "type" | "data">,
  invoice: string,
  now: Instant,
): Draft {
  const audience = "supplier" as const;
  return { ...draft, chain: supplierChain, invoice, audience, occurredAt: now } as Draft;
}

async function promise(
  trx: Db,
  action: Action<"promise">,
  { person, now }: Acting,
): Promise<Draft[]> {
  const invoice = await invoiceOf(trx, action.invoiceId, person);
  if (invoice.due <= 0 || invoice.status === "void") {
    throw new RequestError(409, "Nothing is due on this invoice");
  }
  const amount = action.amount ?? invoice.due;
  if (amount > invoice.due) {
    const fields = { amount: "This is more than is due" };
    throw new RequestError(422, "More than is due cannot be promised", { fields });
  }
  const promiseId = newId("prm");
  const data = { promiseId, promisedOn: action.promisedOn, amount, author: person.name };
  return [{ type: "promise.made", data, ...place(invoice, invoice.id, now) }];
}
