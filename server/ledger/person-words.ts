import type { Db } from "#db/connect.ts";
import { recordsBeside } from "#db/queries/records.ts";
import type { InvoiceRow } from "#db/schema/invoices.ts";
import type { Draft } from "#domain/event.ts";
import { newId } from "#domain/id.ts";
import { sameWithinMs } from "#domain/same-again.ts";
import { plusMs } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { type Acting, type Action, disputeOf, internal, invoiceOf, place } from "./acting.ts";

/** Words about an invoice or one of its disputes; none where they were said a moment ago. */
export async function words(
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
  if (action.kind === "note" && person.side === "customer") {
    throw new RequestError(403, "Notes are the supplier's own");
  }
  if (await wasSaidJustNow(trx, action, { person, now })) return [];
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
  return [internal({ type: "note.added", data }, action.invoiceId, now)];
}

async function wasSaidJustNow(
  trx: Db,
  { kind, invoiceId, disputeId, text }: Action<"comment" | "note">,
  { person, now }: Acting,
): Promise<boolean> {
  const said = await trx
    .selectFrom("comments")
    .select("text")
    .where("invoice_id", "=", invoiceId)
    .where("dispute_id", disputeId ? "=" : "is", disputeId ? disputeId : null)
    .where("audience", "=", kind === "comment" ? "customer" : "supplier")
    .where("side", "=", person.side)
    .where("author", "=", person.name)
    .where("occurred_at", ">", plusMs(now, -sameWithinMs))
    .where("occurred_at", "<=", now)
    .execute();
  return said.some((one) => one.text === text);
}

/** A payment on a day; none where exactly this is promised already. */
export async function promise(
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
  const last = await lastPromise(trx, invoice);
  const isSame = last?.promised_on === action.promisedOn && last.amount === amount;
  if (isSame && last.state === "made") return [];
  const promiseId = newId("prm");
  const data = { promiseId, promisedOn: action.promisedOn, amount, author: person.name };
  return [{ type: "promise.made", data, ...place(invoice, invoice.id, now) }];
}

/** Takes back the promise that stands; nothing where the last one was taken back already. */
export async function withdrawPromise(
  trx: Db,
  action: Action<"withdraw_promise">,
  { person, now }: Acting,
): Promise<Draft[]> {
  const invoice = await invoiceOf(trx, action.invoiceId, person);
  const last = await lastPromise(trx, invoice);
  if (last?.state === "withdrawn") return [];
  if (last?.state !== "made") throw new RequestError(409, "No promise stands on this invoice");
  const { id: promiseId, promised_on: promisedOn, amount } = last;
  const data = { promiseId, promisedOn, amount, author: person.name };
  return [{ type: "promise.withdrawn", data, ...place(invoice, invoice.id, now) }];
}

/** The newest promise of the customer that the invoice is for; only that one can still stand. */
function lastPromise(trx: Db, invoice: InvoiceRow) {
  return trx
    .selectFrom("promises")
    .selectAll()
    .where("invoice_id", "=", invoice.id)
    .where("customer_record_id", "in", recordsBeside(trx, invoice.customer_record_id))
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
}
