import type { Db } from "#db/connect.ts";
import type { DeliveryState } from "#db/queries/delivery-log.ts";
import { invoicesOf, type CustomerScope } from "#db/queries/scope.ts";
import type { DisputeState } from "#domain/dispute.ts";
import type { InvoiceStatus } from "#domain/invoice-sums.ts";

interface InvoiceFilter {
  number?: string | undefined;
  externalId?: string | undefined;
  /** The connection that owns it; with `externalId`, also one that calls it so. */
  connection?: string | undefined;
  customer?: string | undefined;
  status?: InvoiceStatus | undefined;
  dispute?: DisputeState | "none" | undefined;
  /** Only what has its last event at this sequence or behind it. */
  since: number;
  /** Where the page before ended: the last event of an invoice, and its id. */
  after: { sequence: number; id: string };
  limit: number;
}

/** Every invoice for a key of the supplier; a customer's own, without drafts, for a customer's key. */
function visible(db: Db, scope: CustomerScope | null) {
  return scope === null ? db.selectFrom("invoices") : invoicesOf(db, scope);
}

/** Invoices in the order of their last event, so that a reader who goes on from the end misses none. */
export function invoicesAfter(db: Db, scope: CustomerScope | null, filter: InvoiceFilter) {
  const { sequence, id } = filter.after;
  let query = visible(db, scope)
    .where("invoices.sequence", ">=", Math.max(sequence, filter.since))
    .where((row) => row.or([row("invoices.sequence", ">", sequence), row("invoices.id", ">", id)]));
  const { connection, externalId, dispute } = filter;
  if (filter.number) {
    query = query.where("invoices.number_key", "=", filter.number.trim().toUpperCase());
  }
  if (connection && externalId) {
    query = query.where("invoices.id", "in", (row) =>
      row
        .selectFrom("invoice_names as n")
        .where("n.connection_id", "=", connection)
        .where("n.name", "=", `id:${externalId}`)
        .select("n.invoice_id"),
    );
  } else {
    if (externalId) query = query.where("invoices.external_id", "=", externalId);
    if (connection) query = query.where("invoices.owner", "=", connection);
  }
  if (filter.customer) query = query.where("invoices.customer_id", "=", filter.customer);
  if (filter.status) query = query.where("invoices.status", "=", filter.status);
  if (dispute) query = query.where("invoices.dispute", "=", dispute);
  if (dispute && dispute !== "none") {
    // Few invoices are disputed: they are found by their disputes, which have an index on the state.
    query = query.where("invoices.id", "in", (row) =>
      row.selectFrom("disputes as d").where("d.state", "=", dispute).select("d.invoice_id"),
    );
  }
  return query
    .selectAll("invoices")
    .orderBy("invoices.sequence")
    .orderBy("invoices.id")
    .limit(filter.limit)
    .execute();
}

/** One invoice by its id, when this reader may see it. */
export function findVisibleInvoice(db: Db, scope: CustomerScope | null, id: string) {
  return visible(db, scope).where("invoices.id", "=", id).selectAll("invoices").executeTakeFirst();
}

/** Deliveries for the API in the order of arrival. */
export function deliveriesAfter(
  db: Db,
  filter: {
    connection?: string | undefined;
    state?: DeliveryState | undefined;
    after: number;
    limit: number;
  },
) {
  let query = db.selectFrom("deliveries").where("id", ">", filter.after);
  if (filter.connection) query = query.where("connection_id", "=", filter.connection);
  if (filter.state === "dead") query = query.where("dead_at", "is not", null);
  if (filter.state === "waiting") query = query.where("due_at", "is not", null);
  if (filter.state === "processed") {
    query = query.where("due_at", "is", null).where("dead_at", "is", null);
  }
  return query
    .select(["id", "connection_id", "received_at", "attempts", "due_at", "processed_at", "dead_at"])
    .select(["error", "first_sequence", "last_sequence", "origin"])
    .orderBy("id")
    .limit(filter.limit)
    .execute();
}
