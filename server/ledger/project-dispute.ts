import type { Db } from "#db/connect.ts";
import { isOpen } from "#domain/dispute.ts";
import type { DisputeMove, EventData, LedgerEvent } from "#domain/event.ts";
import { customerOf } from "./resolve.ts";

/** Keeps the dispute rows up to an event; other events do nothing. */
export async function projectDispute(trx: Db, event: LedgerEvent): Promise<void> {
  switch (event.type) {
    case "dispute.opened":
      return open(trx, event);
    case "dispute.updated":
    case "dispute.waiting":
    case "dispute.resolved":
    case "dispute.rejected":
    case "dispute.withdrawn":
    case "dispute.reopened":
      return move(trx, event, event.data);
    case "dispute.assigned":
      return assign(trx, event.data);
    case "comment.added":
      return answered(trx, event, event.data);
    case "invoice.adjusted":
      return creditShown(trx, event);
    default:
      return;
  }
}

type Event<T extends LedgerEvent["type"]> = Extract<LedgerEvent, { type: T }>;

async function open(trx: Db, event: Event<"dispute.opened">): Promise<void> {
  const { dispute, author, side } = event.data;
  const invoice = await trx
    .selectFrom("invoices")
    .select("currency")
    .where("id", "=", event.invoice ?? "")
    .executeTakeFirstOrThrow();
  await trx
    .insertInto("disputes")
    .values({
      id: dispute.id,
      number: dispute.number,
      invoice_id: event.invoice ?? "",
      customer_record_id: event.chain,
      customer_id: await customerOf(trx, event.chain),
      state: dispute.state,
      reason: dispute.reason,
      currency: invoice.currency,
      amount: dispute.amount,
      whole_at: dispute.whole ? event.recordedAt : null,
      lines: JSON.stringify(dispute.lines),
      message: dispute.message,
      customer_reference: dispute.customerReference ?? null,
      external_id: dispute.externalId ?? null,
      opened_by: author,
      opened_side: side,
      opened_at: event.occurredAt,
      first_response_due_at: dispute.firstResponseDueAt,
      responded_at: side === "supplier" ? event.occurredAt : null,
      closed_at: null,
      ...{ processor: null, processor_id: null },
      credited_amount: null,
      credit_expected: null,
      answer: null,
      updated_at: event.occurredAt,
      sequence: event.sequence,
    })
    .execute();
}

async function move(trx: Db, event: LedgerEvent, data: DisputeMove): Promise<void> {
  const closes = !isOpen(data.state);
  const isResolved = event.type === "dispute.resolved";
  const credited = data.creditedAmount ?? 0;
  const bySupplier = data.state !== "withdrawn" && event.type !== "dispute.reopened";
  await trx
    .updateTable("disputes")
    .set((row) => ({
      state: data.state,
      closed_at: closes ? event.occurredAt : null,
      updated_at: event.occurredAt,
      sequence: event.sequence,
      ...(data.message !== undefined && { answer: data.message }),
      // Until `dispute.assigned` a move named who took it, and that was always who made it.
      ...(data.processor !== undefined && {
        processor: data.processor,
        processor_id: data.processor === null ? null : userOf(event),
      }),
      ...(data.amount !== undefined && !isResolved && { amount: data.amount }),
      ...(data.reason !== undefined && { reason: data.reason }),
      ...(data.externalId !== undefined && { external_id: data.externalId }),
      ...(bySupplier && {
        responded_at: row.fn.coalesce("responded_at", row.val(event.occurredAt)),
      }),
      ...(isResolved && {
        credited_amount: credited,
        credit_expected: credited > 0 ? (data.creditedBefore ?? 0) + credited : null,
      }),
      ...(event.type === "dispute.reopened" && { credited_amount: null, credit_expected: null }),
    }))
    .where("id", "=", data.disputeId)
    .execute();
}

function userOf({ source }: LedgerEvent): string | null {
  return source.kind === "user" ? source.user : null;
}

/** Says nothing of the dispute itself: neither its last change nor its first response moves. */
async function assign(trx: Db, data: EventData<"dispute.assigned">): Promise<void> {
  const { disputeId, processor } = data;
  await trx
    .updateTable("disputes")
    .set({ processor: processor?.name ?? null, processor_id: processor?.id ?? null })
    .where("id", "=", disputeId)
    .execute();
}

/** The supplier's first words in a dispute are its first response. */
async function answered(
  trx: Db,
  event: LedgerEvent,
  { disputeId, side }: { disputeId?: string | undefined; side: string },
): Promise<void> {
  if (!disputeId || side !== "supplier") return;
  await trx
    .updateTable("disputes")
    .set({ responded_at: event.occurredAt })
    .where("id", "=", disputeId)
    .where("responded_at", "is", null)
    .execute();
}

/** A promised credit is pending until the owner's own sum shows it. */
async function creditShown(trx: Db, event: Event<"invoice.adjusted">): Promise<void> {
  await trx
    .updateTable("disputes")
    .set({ credit_expected: null })
    .where("invoice_id", "=", event.invoice ?? "")
    .where("credit_expected", "<=", event.data.settlement.credited)
    .execute();
}
