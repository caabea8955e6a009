import type { Selectable } from "kysely";
import { z } from "zod";
import type { DeliveryRow } from "#db/schema/deliveries.ts";
import type { DisputeTable } from "#db/schema/disputes.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import type { InvoiceRow } from "#db/schema/invoices.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import { isInCalendar } from "#domain/calendar.ts";
import { DisputedLine } from "#domain/dispute.ts";
import { settledOtherwise } from "#domain/invoice-sums.ts";
import { invoiceNumberIn } from "#server/ledger/dispute-number.ts";
import type { Caller } from "./key-check.ts";
import type { ApiDelivery, ApiDispute, ApiEvent, ApiInvoice, ApiOutboxRow } from "./schemas.ts";

const Lines = z.array(DisputedLine);
const JsonObject = z.record(z.string(), z.unknown());

/** An invoice in the API's shape; the schema of the answer checks the words. */
export function presentInvoice(row: InvoiceRow): Loose<typeof ApiInvoice> {
  return {
    id: row.id,
    number: row.number,
    externalId: row.external_id,
    connection: row.owner,
    customer: { id: row.customer_id, name: row.customer_name },
    status: row.status,
    dispute: row.dispute,
    currency: row.currency,
    total: row.total,
    paid: row.paid,
    credited: row.credited,
    otherwise: settledOtherwise(row),
    due: row.due,
    issuedOn: dayOrUnknown(row.issued_on),
    dueOn: dayOrUnknown(row.due_on),
    updatedAt: row.updated_at,
  };
}

/** Null for a day that does not exist, which older versions recorded: readers parse what they are given. */
function dayOrUnknown(day: string | null): string | null {
  return day !== null && isInCalendar(day) ? day : null;
}

type DisputeWithInvoice = Selectable<DisputeTable> & {
  invoice_number: string;
  customer_name: string;
  is_moved: number;
};

/** A dispute in the API's shape. Who works it is for the supplier alone. */
export function presentDispute(
  row: DisputeWithInvoice,
  caller: Pick<Caller, "customer">,
): Loose<typeof ApiDispute> {
  // What an invoice is called since it became another customer's is not for the one before.
  const isHidden = caller.customer !== null && row.is_moved === 1;
  const invoiceNumber = isHidden ? invoiceNumberIn(row.number) : row.invoice_number;
  return {
    id: row.id,
    number: row.number,
    invoice: { id: row.invoice_id, number: invoiceNumber },
    customer: { id: row.customer_id, name: row.customer_name },
    state: row.state,
    reason: row.reason,
    currency: row.currency,
    amount: row.amount,
    whole: row.whole_at !== null,
    lines: Lines.parse(JSON.parse(row.lines)),
    message: row.message,
    customerReference: row.customer_reference,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    firstResponseDueAt: row.first_response_due_at,
    respondedAt: row.responded_at,
    closedAt: row.closed_at,
    creditedAmount: row.credited_amount,
    answer: row.answer,
    ...(caller.customer === null ? { processor: row.processor } : {}),
    updatedAt: row.updated_at,
  };
}

/** An event with everything that proves it. */
export function presentEvent(row: EventRow): Loose<typeof ApiEvent> {
  return {
    sequence: row.sequence,
    type: row.type,
    typeVersion: row.type_version,
    chain: row.chain,
    invoiceId: row.invoice_id,
    audience: row.audience,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    source: JSON.parse(row.source),
    commitment: row.commitment,
    hash: row.hash,
    salt: row.salt,
    data: row.data === null ? null : JsonObject.parse(JSON.parse(row.data)),
  };
}

/** A delivery without its bytes, which may hold anything. */
export function presentDelivery(
  row: Omit<DeliveryRow, "body" | "headers" | "method" | "path" | "dedupe_key" | "dismissed_at">,
): Loose<typeof ApiDelivery> {
  return {
    id: row.id,
    connection: row.connection_id,
    state: row.dead_at !== null ? "dead" : row.due_at !== null ? "waiting" : "processed",
    origin: row.origin,
    receivedAt: row.received_at,
    processedAt: row.processed_at,
    attempts: row.attempts,
    error: row.error,
    firstSequence: row.first_sequence,
    lastSequence: row.last_sequence,
  };
}

/** A row of the outbox without its payload. */
export function presentOutboxRow(row: OutboxRow): Loose<typeof ApiOutboxRow> {
  const ended = row.done_at !== null || row.parked_at !== null;
  return {
    id: row.id,
    kind: row.kind,
    what: row.what,
    target: row.target,
    sequence: row.sequence,
    invoiceId: row.invoice_id,
    state: row.state,
    parked: row.parked_at !== null && row.done_at === null,
    attempts: row.attempts,
    createdAt: row.created_at,
    dueAt: ended ? null : row.due_at,
    doneAt: row.done_at,
    lastAnswer: row.last_answer,
    receipt: row.receipt === null ? null : JsonObject.parse(JSON.parse(row.receipt)),
  };
}

/** The fields of a schema before it has checked their values: rows hold plain text. */
type Loose<Schema extends z.ZodType> = { [Field in keyof z.input<Schema>]: unknown };
