import type { Db } from "#db/connect.ts";
import { recordsBeside } from "#db/queries/records.ts";
import type { LedgerEvent } from "#domain/event.ts";

/** Keeps comments, notes and promises up to an event; other events do nothing. */
export async function projectWords(trx: Db, event: LedgerEvent): Promise<void> {
  switch (event.type) {
    case "comment.added":
    case "note.added":
      await trx
        .insertInto("comments")
        .values({
          id: event.data.commentId,
          invoice_id: event.invoice ?? "",
          dispute_id: event.data.disputeId ?? null,
          audience: event.audience,
          side: event.data.side,
          author: event.data.author,
          text: event.data.text,
          occurred_at: event.occurredAt,
          sequence: event.sequence,
        })
        .execute();
      return;
    case "promise.made":
      return promiseMade(trx, event);
    case "promise.withdrawn":
    case "promise.kept":
    case "promise.broken":
      await trx
        .updateTable("promises")
        .set({ state: promiseStates[event.type] })
        .where("id", "=", event.data.promiseId)
        .execute();
      return;
    default:
      return;
  }
}

const promiseStates = {
  "promise.withdrawn": "withdrawn",
  "promise.kept": "kept",
  "promise.broken": "broken",
};

/** The newest promise stands; an earlier open one of the same reader is replaced by it. */
async function promiseMade(
  trx: Db,
  event: Extract<LedgerEvent, { type: "promise.made" }>,
): Promise<void> {
  const invoice = event.invoice ?? "";
  const { currency } = await trx
    .selectFrom("invoices")
    .select("currency")
    .where("id", "=", invoice)
    .executeTakeFirstOrThrow();
  await trx
    .updateTable("promises")
    .set({ state: "replaced" })
    .where("invoice_id", "=", invoice)
    .where("state", "=", "made")
    .where((row) =>
      row.or([
        row("customer_record_id", "=", event.chain),
        row("customer_record_id", "in", recordsBeside(trx, event.chain)),
      ]),
    )
    .execute();
  await trx
    .insertInto("promises")
    .values({
      id: event.data.promiseId,
      invoice_id: invoice,
      promised_on: event.data.promisedOn,
      amount: event.data.amount,
      currency,
      author: event.data.author,
      state: "made",
      made_at: event.occurredAt,
      sequence: event.sequence,
      customer_record_id: event.chain,
    })
    .execute();
}
