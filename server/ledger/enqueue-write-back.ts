import type { Db } from "#db/connect.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import type { InvoiceRow } from "#db/schema/invoices.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { type Instant, toInstant } from "#domain/time.ts";
import { writeBackKey, writeBackOrderKey } from "./outbox-row.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import type { Entry } from "./entry.ts";

/** What people do that a system has to hear of. */
const writtenBack = new Set<LedgerEvent["type"]>([
  "dispute.opened",
  "dispute.updated",
  "dispute.waiting",
  "dispute.resolved",
  "dispute.rejected",
  "dispute.withdrawn",
  "dispute.reopened",
  "comment.added",
  "promise.made",
  "promise.withdrawn",
]);

/** One row for the invoice's owner, and one for each connection that "also receives disputes". */
export async function enqueueWriteBacks(
  trx: Db,
  context: Context,
  { events, entry }: { events: LedgerEvent[]; entry: Entry },
): Promise<void> {
  if (entry.kind !== "person") return;
  const now = toInstant(context.clock());
  for (const event of events) {
    if (event.invoice === null || !writtenBack.has(event.type)) continue;
    const invoice = await trx
      .selectFrom("invoices")
      .selectAll()
      .where("id", "=", event.invoice)
      .executeTakeFirstOrThrow();
    const dispute = await disputeOf(trx, event);
    for (const connection of await targetsOf(trx, invoice)) {
      const request = await requestFor(trx, { event, invoice, dispute, connection });
      const actor = { name: entry.person.name };
      const url = `${context.config.publicUrl}/invoices/${invoice.id}`;
      await insertRow(trx, { connection, event, now, request: { ...request, actor, url } });
    }
  }
}

async function insertRow(
  trx: Db,
  row: { connection: string; event: LedgerEvent; now: Instant; request: WriteBackRequest },
): Promise<void> {
  const { connection, event, now, request } = row;
  await trx
    .insertInto("outbox")
    .values({
      id: `wb-${event.sequence}-${connection}`,
      kind: "writeback",
      sequence: event.sequence,
      invoice_id: event.invoice,
      order_key: writeBackOrderKey(connection, event.invoice ?? ""),
      once_key: request.key,
      target: connection,
      what: event.type,
      payload: JSON.stringify(request),
      created_at: now,
      due_at: now,
      receipt: null,
      updated_at: now,
    })
    .execute();
}

async function targetsOf(trx: Db, invoice: InvoiceRow): Promise<string[]> {
  const rows = await trx
    .selectFrom("connections")
    .innerJoin("invoice_names", "invoice_names.connection_id", "connections.id")
    .where("invoice_names.invoice_id", "=", invoice.id)
    .where((or) =>
      or.or([or("connections.id", "=", invoice.owner), or("receives_disputes_at", "is not", null)]),
    )
    .select("connections.id")
    .distinct()
    .execute();
  return rows.map(({ id }) => id);
}

function disputeIdOf(event: LedgerEvent): string | undefined {
  if (event.type === "dispute.opened") return event.data.dispute.id;
  return "disputeId" in event.data ? event.data.disputeId : undefined;
}

async function disputeOf(trx: Db, event: LedgerEvent): Promise<DisputeRow | undefined> {
  const id = disputeIdOf(event);
  if (id === undefined) return undefined;
  return trx.selectFrom("disputes").selectAll().where("id", "=", id).executeTakeFirst();
}

interface Telling {
  event: LedgerEvent;
  invoice: InvoiceRow;
  dispute: DisputeRow | undefined;
  connection: string;
}

type Request = Omit<WriteBackRequest, "actor" | "url">;

async function requestFor(trx: Db, telling: Telling): Promise<Request> {
  const { event, invoice, dispute, connection } = telling;
  const { currency } = invoice;
  const request: Request = {
    event: event.type,
    key: writeBackKey(connection, event.hash, event.type),
    marker: `[${dispute?.number ?? invoice.number}#${event.sequence}]`,
    occurredAt: event.recordedAt,
    invoice: {
      number: invoice.number,
      externalId: await externalIdAt(trx, connection, invoice.id),
      currency,
    },
  };
  if (dispute && event.type.startsWith("dispute.")) request.dispute = disputePart(dispute, event);
  if (event.type === "comment.added") {
    const { commentId: id, text, disputeId } = event.data;
    request.comment = { id, text, ...(disputeId !== undefined && { disputeId }) };
  }
  if (event.type === "promise.made") {
    const { promiseId: id, promisedOn, amount } = event.data;
    request.promise = { id, promisedOn, amount: { amount, currency } };
  }
  if (event.type === "promise.withdrawn") {
    const { promiseId: id, promisedOn, amount } = event.data;
    request.withdrawnPromise = { id, promisedOn, amount: { amount, currency } };
  }
  return request;
}

function disputePart(dispute: DisputeRow, event: LedgerEvent) {
  const { id, number, state, reason, amount, currency } = dispute;
  const said = "message" in event.data ? event.data.message : undefined;
  return {
    id,
    number,
    state,
    reason,
    amount: { amount, currency },
    message: said ?? dispute.message,
    openedAt: dispute.opened_at,
    ...(dispute.credited_amount !== null && {
      creditedAmount: { amount: dispute.credited_amount, currency },
    }),
    ...(dispute.external_id !== null && { externalId: dispute.external_id }),
  };
}

async function externalIdAt(trx: Db, connection: string, invoice: string): Promise<string | null> {
  const row = await trx
    .selectFrom("invoice_names")
    .select("name")
    .where("invoice_id", "=", invoice)
    .where("connection_id", "=", connection)
    .where("name", "like", "id:%")
    .executeTakeFirst();
  return row ? row.name.slice(3) : null;
}
