import type { Db } from "#db/connect.ts";
import { InvoiceView } from "#domain/invoice.ts";
import { type CustomerScope, invoicesOf, ownRecords } from "./scope.ts";

/**
 * One invoice of a customer by its id, else by its number; undefined for any other's and for drafts.
 * Gives the row of the list and the view behind it.
 */
export async function findInvoice(db: Db, scope: CustomerScope, idOrNumber: string) {
  const own = invoicesOf(db, scope).selectAll("invoices");
  const row =
    (await own.where("id", "=", idOrNumber).executeTakeFirst()) ??
    (await own.where("number_key", "=", idOrNumber.toUpperCase()).orderBy("id").executeTakeFirst());
  return row && { row, view: InvoiceView.parse(JSON.parse(row.view)) };
}

export type InvoicePage = NonNullable<Awaited<ReturnType<typeof findInvoice>>>;

/** What a customer promised and disputed about an invoice; what others did before is not theirs. */
export async function claimsOf(db: Db, scope: CustomerScope, invoiceId: string) {
  const disputes = await db
    .selectFrom("disputes")
    .where("invoice_id", "=", invoiceId)
    .where("customer_id", "=", scope.customerId)
    .selectAll()
    .orderBy("sequence", "desc")
    .limit(100)
    .execute();
  const promises = await db
    .selectFrom("promises")
    .where("invoice_id", "=", invoiceId)
    .where("customer_record_id", "in", ownRecords(db, scope))
    .selectAll()
    .orderBy("sequence", "desc")
    .limit(100)
    .execute();
  return { disputes, promises };
}

/**
 * How far each write-back of a customer's words to the invoice's owner got, newest first; a skipped one
 * tells nobody anything.
 */
export function writeBacksOf(db: Db, scope: CustomerScope, invoice: { id: string; owner: string }) {
  const own = db
    .selectFrom("events")
    .where("events.invoice_id", "=", invoice.id)
    .where("events.chain", "in", ownRecords(db, scope));
  return db
    .selectFrom("outbox")
    .where("invoice_id", "=", invoice.id)
    .where("kind", "=", "writeback")
    .where("target", "=", invoice.owner)
    .where("state", "!=", "skipped")
    .where("sequence", "in", own.select("events.sequence"))
    .select(["id", "what", "state", "parked_at", "done_at", "updated_at", "receipt", "sequence"])
    .orderBy("sequence", "desc")
    .limit(50)
    .execute();
}

/** The names of these connections, as pages say where something is known from. */
export async function connectionNames(db: Db, ids: string[]): Promise<Record<string, string>> {
  if (ids.length === 0) return {};
  const rows = await db
    .selectFrom("connections")
    .where("id", "in", ids)
    .select(["id", "name"])
    .execute();
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
}

/** Gives the name behind each of these that is a connection's id; any other author as it is. */
export async function namesBehind(db: Db, authors: string[]): Promise<(author: string) => string> {
  const names = await connectionNames(db, [...new Set(authors)]);
  return (author) => names[author] ?? author;
}
