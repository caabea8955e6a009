import { z } from "zod";
import type { Change } from "#server/domain/change.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { isGone, type QuickBooksApi } from "./api.ts";
import { creditMemosOf, invoicesOf } from "./applied.ts";
import { QboCreditMemo, QboInvoice, QboPayment } from "./objects.ts";
import { deletedInvoice, type ReadSettings, toChanges } from "./snapshot.ts";

export interface Reader {
  api: QuickBooksApi;
  settings: ReadSettings;
}

/** What was read already, so that a payment over many invoices is read once. */
export interface Known {
  payments: Map<string, QboPayment | null>;
  creditMemos: Map<string, QboCreditMemo | null>;
}

export function nothingKnown(): Known {
  return { payments: new Map(), creditMemos: new Map() };
}

/** A credit memo names invoices itself, or the payment by which it was applied. */
export async function creditedInvoices(
  { InvoiceRef, LinkedTxn }: QboCreditMemo,
  api: QuickBooksApi,
  known: Known,
): Promise<string[]> {
  const ids = new Set(InvoiceRef ? [InvoiceRef.value] : []);
  for (const { TxnId, TxnType } of LinkedTxn ?? []) {
    if (TxnType === "Invoice") ids.add(TxnId);
    if (TxnType !== "Payment") continue;
    const payment = await findPayment(TxnId, api, known);
    for (const id of payment ? invoicesOf(payment) : []) ids.add(id);
  }
  return [...ids];
}

/** One invoice by its id; null when QuickBooks never had it. */
export async function readInvoice(
  id: string,
  reader: Reader,
  known: Known,
): Promise<Change[] | null> {
  const { api } = reader;
  try {
    const path = `/invoice/${encodeURIComponent(id)}`;
    const { Invoice } = await api.get(path, {}, z.object({ Invoice: QboInvoice }));
    return await withApplied(Invoice, reader, known);
  } catch (error) {
    if (isGone(error)) return [deletedInvoice(id, error.at)];
    if (error instanceof UpstreamError && error.status === 404) return null;
    throw error;
  }
}

/** An invoice that was read, with what was applied to it. */
export async function withApplied(
  invoice: QboInvoice,
  { api, settings }: Reader,
  known: Known,
): Promise<Change[]> {
  const linked = (invoice.LinkedTxn ?? []).filter(({ TxnType }) => TxnType === "Payment");
  const ids = [...new Set(linked.map(({ TxnId }) => TxnId))];
  const found = await Promise.all(
    ids.map(async (id) => {
      const payment = await findPayment(id, api, known);
      return payment ? [{ payment, creditMemos: await memosOf(payment, api, known) }] : [];
    }),
  );
  try {
    return toChanges({ invoice, payments: found.flat() }, settings);
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    const message = `${api.http.name} told what we cannot read: ${cause.message}`;
    throw new UpstreamError(message, { cause, retryAt: null });
  }
}

/** What the company calls itself; its realm id where that may not be read. */
export async function companyName(api: QuickBooksApi, account: string): Promise<string> {
  const schema = z.object({ CompanyInfo: z.object({ CompanyName: z.string().trim().min(1) }) });
  const path = `/companyinfo/${encodeURIComponent(account)}`;
  const found = await find(() => api.get(path, {}, schema));
  return found?.CompanyInfo.CompanyName ?? `QuickBooks company ${account}`;
}

async function memosOf(payment: QboPayment, api: QuickBooksApi, known: Known) {
  const memos = await Promise.all(
    creditMemosOf(payment).map((id) => findCreditMemo(id, api, known)),
  );
  return memos.flatMap((memo) => memo ?? []);
}

/** Null when it was deleted. */
export async function findPayment(id: string, api: QuickBooksApi, { payments }: Known) {
  const schema = z.object({ Payment: QboPayment });
  return remembered(payments, id, () =>
    find(async () => (await api.get(`/payment/${encodeURIComponent(id)}`, {}, schema)).Payment),
  );
}

/** Null when it was deleted. */
export async function findCreditMemo(id: string, api: QuickBooksApi, { creditMemos }: Known) {
  const schema = z.object({ CreditMemo: QboCreditMemo });
  return remembered(creditMemos, id, () =>
    find(
      async () => (await api.get(`/creditmemo/${encodeURIComponent(id)}`, {}, schema)).CreditMemo,
    ),
  );
}

/** Null for what was deleted meanwhile. */
async function find<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isGone(error) || (error instanceof UpstreamError && error.status === 404)) return null;
    throw error;
  }
}

async function remembered<T>(
  known: Map<string, T | null>,
  id: string,
  read: () => Promise<T | null>,
): Promise<T | null> {
  const before = known.get(id);
  if (before !== undefined) return before;
  const found = await read();
  known.set(id, found);
  return found;
}
