import type { Db } from "#db/connect.ts";
import { invoicesOf, type CustomerScope } from "#db/queries/scope.ts";
import type { DisputeState } from "#server/domain/dispute.ts";
import type { InvoiceStatus } from "#server/domain/invoice.ts";
import type { Instant } from "#server/domain/time.ts";

interface InvoiceFilter {
  number?: string | undefined;
  externalId?: string | undefined;
  /** The connection that owns it, or one that knows it by a name. */
  connection?: string | undefined;
  customer?: string | undefined;
  status?: InvoiceStatus | undefined;
  dispute?: DisputeState | "none" | undefined;
  updatedSince?: Instant | undefined;
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
    .where("invoices.sequence", ">=", sequence)
    .where((row) => row.or([row("invoices.sequence", ">", sequence), row("invoices.id", ">", id)]));
  if (filter.number) {
    query = query.where("invoices.number_key", "=", filter.number.trim().toUpperCase());
  }
  if (filter.externalId) query = query.where("invoices.external_id", "=", filter.externalId);
  const { connection } = filter;
  if (connection) {
    query = query.where((row) =>
      row.or([
        row("invoices.owner", "=", connection),
        row.exists(
          row
            .selectFrom("invoice_names as n")
            .whereRef("n.invoice_id", "=", "invoices.id")
            .where("n.connection_id", "=", connection)
            .select("n.name"),
        ),
      ]),
    );
  }
  if (filter.customer) query = query.where("invoices.customer_id", "=", filter.customer);
  if (filter.status) query = query.where("invoices.status", "=", filter.status);
  if (filter.dispute) query = query.where("invoices.dispute", "=", filter.dispute);
  if (filter.updatedSince) query = query.where("invoices.updated_at", ">=", filter.updatedSince);
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
  filter: { connection?: string | undefined; after: number; limit: number },
) {
  let query = db.selectFrom("deliveries").where("id", ">", filter.after);
  if (filter.connection) query = query.where("connection_id", "=", filter.connection);
  return query
    .select(["id", "connection_id", "received_at", "attempts", "due_at", "processed_at", "dead_at"])
    .select(["error", "first_sequence", "last_sequence", "origin"])
    .orderBy("id")
    .limit(filter.limit)
    .execute();
}
