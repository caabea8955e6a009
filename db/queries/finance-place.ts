import type { Db } from "#db/connect.ts";

/** Where the console shows a dispute by its id or number; undefined when there is none. */
export async function placeOfDispute(db: Db, idOrNumber: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("disputes")
    .select("id")
    .where((of) => of.or([of("id", "=", idOrNumber), of("number", "=", idOrNumber)]))
    .executeTakeFirst();
  return row && `/finance/disputes/${encodeURIComponent(row.id)}`;
}

/** Where the console shows what happened to an invoice: its last dispute, else the audit's events of it. */
export async function placeOfInvoice(db: Db, id: string): Promise<string | undefined> {
  const dispute = await db
    .selectFrom("disputes")
    .select("id")
    .where("invoice_id", "=", id)
    .orderBy("sequence", "desc")
    .executeTakeFirst();
  if (dispute) return `/finance/disputes/${encodeURIComponent(dispute.id)}`;
  const invoice = await db
    .selectFrom("invoices")
    .select("number")
    .where("id", "=", id)
    .executeTakeFirst();
  return invoice && `/finance/audit?invoice=${encodeURIComponent(invoice.number)}`;
}
