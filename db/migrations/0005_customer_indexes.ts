import type { Kysely } from "kysely";
import { create } from "#db/create.ts";

/**
 * Invoices of nobody who signs in leave the customers' indexes: no customer reads them, and half of an
 * invoice's indexes were written for nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const anew = Object.entries(indexes).map(
    ([name, columns]) =>
      `create index ${name} on invoices (${columns}) where customer_id is not null`,
  );
  const old = Object.keys(indexes).map((name) => `drop index ${name}`);
  await create(db, [...old, ...anew]);
}

const indexes = {
  invoices_customer_due_on: "customer_id, due_on, id",
  invoices_customer_issued_on: "customer_id, issued_on, id",
  invoices_customer_number: "customer_id, number_key, id",
  invoices_customer_po: "customer_id, po_key",
  invoices_customer_total: "customer_id, total, id",
  invoices_customer_due: "customer_id, due",
  invoices_customer_status: "customer_id, status, due_on, id, currency, due, total",
  invoices_customer_dispute: "customer_id, dispute, due_on, id",
};
