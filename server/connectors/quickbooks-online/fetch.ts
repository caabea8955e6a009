import type { InvoiceRef } from "#domain/change.ts";
import type { Parsed } from "#server/connectors/contract.ts";
import { eachApart } from "#server/connectors/kit/apart.ts";
import { invoicesOf } from "./applied.ts";
import { changedFrom } from "./changed.ts";
import { changedPrefix, creditMemoPrefix, paymentPrefix } from "./notifications.ts";
import {
  creditedInvoices,
  findCreditMemo,
  findPayment,
  type Known,
  nothingKnown,
  type Reader,
  readInvoice,
} from "./read.ts";

/**
 * The invoice as it is now with the payments and credit memos that were applied to it; for a payment
 * or credit memo the same of each invoice that it was applied to, and for a time of each that changed
 * from then on, each apart from the others. Null: not known there. An invoice that was deleted is void. Throws UpstreamError.
 */
export async function fetchInvoice(
  { externalId }: InvoiceRef,
  reader: Reader,
): Promise<Parsed | null> {
  if (externalId === undefined) return { changes: [] }; // invoices are read by their id, numbers may repeat
  if (externalId.startsWith(changedPrefix)) {
    return changedFrom(externalId.slice(changedPrefix.length), reader);
  }
  const known = nothingKnown();
  const ids = await invoicesBehind(externalId, reader, known);
  if (ids === null) return { changes: [] };
  if (ids.length === 1 && ids[0] === externalId) {
    const changes = await readInvoice(externalId, reader, known);
    return changes && { changes };
  }
  return eachApart(
    ids,
    (id) => `Invoice ${id}`,
    async (id) => (await readInvoice(id, reader, known)) ?? [],
  );
}

/** The invoice itself, or those that a payment or credit memo leads to; null when that is gone. */
async function invoicesBehind(id: string, { api }: Reader, known: Known): Promise<string[] | null> {
  if (id.startsWith(paymentPrefix)) {
    const payment = await findPayment(id.slice(paymentPrefix.length), api, known);
    return payment && invoicesOf(payment);
  }
  if (!id.startsWith(creditMemoPrefix)) return [id];
  const memo = await findCreditMemo(id.slice(creditMemoPrefix.length), api, known);
  return memo && creditedInvoices(memo, api, known);
}
