import type { Db } from "#db/connect.ts";
import { recordsBeside } from "#db/queries/records.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import type { InvoiceRow } from "#db/schema/invoices.ts";
import type { PersonAction } from "#domain/change.ts";
import { isOpen, mayMove } from "#domain/dispute.ts";
import { wholeAmount } from "#domain/disputed-amount.ts";
import type { DisputeMove, Draft } from "#domain/event.ts";
import { newId } from "#domain/id.ts";
import { InvoiceView } from "#domain/invoice.ts";
import { linesMark } from "#domain/lines-mark.ts";
import { toDecimal } from "#domain/money.ts";
import { RequestError } from "#server/errors.ts";
import { type Acting, type Action, disputeOf, internal, invoiceOf, place } from "./acting.ts";
import { creditedBefore } from "./credited-before.ts";
import { freeNumber } from "./dispute-number.ts";
import { firstResponseDueAt, moveType } from "./dispute-rules.ts";
import type { Person } from "./entry.ts";
import { promise, withdrawPromise, words } from "./person-words.ts";

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
      return comment(trx, action, acting);
    case "note":
      return words(trx, action, acting);
    case "promise":
      return promise(trx, action, acting);
    case "withdraw_promise":
      return withdrawPromise(trx, action, acting);
  }
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
  requireAsShown(invoice, action, whole);
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

/** What is disputed is what the person saw: a form that is older than the invoice is refused. */
function requireAsShown(invoice: InvoiceRow, action: Action<"open_dispute">, whole: boolean): void {
  const { shown, lines } = action;
  if (shown === undefined) return;
  if (whole && shown.whole !== wholeAmount(invoice)) {
    const { currency, due, total } = invoice;
    const sum = (amount: number) => `${currency} ${toDecimal({ amount, currency })}`;
    throw new RequestError(
      409,
      `The invoice changed while you wrote: of ${sum(total)} there is now ${sum(due)} still due. ` +
        "Look at the amounts again, then send it",
    );
  }
  if (lines.length > 0 && shown.lines !== linesMark(viewOf(invoice).lines)) {
    const words =
      "The lines of the invoice changed while you wrote. Look at them again, then send it";
    throw new RequestError(409, words);
  }
}

function viewOf({ view }: InvoiceRow): InvoiceView {
  return InvoiceView.parse(JSON.parse(view));
}

async function moveDispute(
  trx: Db,
  action: Action<"move_dispute">,
  { person, now }: Acting,
): Promise<Draft[]> {
  const dispute = await disputeOf(trx, action.disputeId, person);
  const { state, message, creditedAmount, rootCause } = action;
  // The form of a withdrawal came twice: it is withdrawn, and that is all that was asked.
  if (state === "withdrawn" && dispute.state === state && person.side === "customer") return [];
  requireMove(dispute, action, person);
  const data: DisputeMove = {
    disputeId: dispute.id,
    number: dispute.number,
    from: dispute.state,
    state,
    author: person.name,
    ...(message && { message }),
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
  const drafts = [moved];
  if (rootCause) {
    const details = { rootCause, number: dispute.number };
    const cause = { action: "dispute_root_cause_set", subject: dispute.id, details };
    drafts.push(internal({ type: "audit.recorded", data: cause }, dispute.invoice_id, now));
  }
  // Whoever says that it is under review works it.
  if (state === "under_review") drafts.push(assigned(dispute, person, { person, now }));
  return drafts;
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

/** Words about an invoice or a dispute; the customer's give a dispute back that waits for them. */
async function comment(trx: Db, action: Action<"comment">, acting: Acting): Promise<Draft[]> {
  const drafts = await words(trx, action, acting);
  const { disputeId } = action;
  if (drafts.length === 0 || !disputeId || acting.person.side !== "customer") return drafts;
  const { state } = await disputeOf(trx, disputeId, acting.person);
  if (state !== "waiting_for_customer") return drafts;
  const answer = { kind: "move_dispute", disputeId, state: "open" } as const;
  return [...drafts, ...(await moveDispute(trx, answer, acting))];
}

async function assignDispute(
  trx: Db,
  action: Action<"assign_dispute">,
  { person, now }: Acting,
): Promise<Draft[]> {
  const dispute = await disputeOf(trx, action.disputeId, person);
  if (person.side === "customer") throw new RequestError(403, "Only the supplier can do that");
  const { number } = dispute;
  if (!isOpen(dispute.state)) throw new RequestError(409, `${number} is closed`);
  if (dispute.processor_id !== action.from) {
    const by = dispute.processor === null ? "was given back" : `is ${dispute.processor}'s by now`;
    throw new RequestError(409, `${number} ${by}`);
  }
  return [assigned(dispute, action.to === "me" ? person : null, { person, now })];
}

function assigned(dispute: DisputeRow, to: Person | null, { person, now }: Acting): Draft {
  const processor = to && { id: to.id, name: to.name };
  const data = {
    ...{ disputeId: dispute.id, number: dispute.number },
    ...{ processor, author: person.name },
  };
  return internal({ type: "dispute.assigned", data }, dispute.invoice_id, now);
}
