import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import type { CustomerScope } from "./scope.ts";

const mostEvents = 500;

/** What was recorded about an invoice in a customer's own chains and for its eyes, oldest first. */
export function ownEventRows(db: Db, scope: CustomerScope, invoiceId: string): Promise<EventRow[]> {
  return db
    .selectFrom("events")
    .innerJoin("customer_records", "customer_records.id", "events.chain")
    .where("events.invoice_id", "=", invoiceId)
    .where("events.audience", "=", "customer")
    .where("customer_records.customer_id", "=", scope.customerId)
    .selectAll("events")
    .orderBy("events.sequence")
    .limit(mostEvents)
    .execute();
}

/** The head of one event of a customer's own chains by its number; undefined for any other. */
export function findOwnEvent(db: Db, scope: CustomerScope, sequence: number) {
  return db
    .selectFrom("events")
    .innerJoin("customer_records", "customer_records.id", "events.chain")
    .leftJoin("invoices", "invoices.id", "events.invoice_id")
    .where("events.sequence", "=", sequence)
    .where("events.audience", "=", "customer")
    .where("customer_records.customer_id", "=", scope.customerId)
    .select([
      "events.sequence",
      "events.type",
      "events.hash",
      "events.occurred_at",
      "events.recorded_at",
      "events.invoice_id",
      "invoices.number",
    ])
    .executeTakeFirst();
}
