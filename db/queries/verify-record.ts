import type { Db } from "#db/connect.ts";
import type { CustomerScope } from "./scope.ts";

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
