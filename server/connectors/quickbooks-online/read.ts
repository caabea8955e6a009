import { z } from "zod";
import type { Change } from "#domain/change.ts";
import { UpstreamError } from "#server/errors.ts";
import { IdText, readValue } from "#server/connectors/kit/json.ts";
import { UnreadableAnswer } from "#server/connectors/kit/rest.ts";
import { isGone, type QuickBooksApi } from "./api.ts";
import { creditMemosOf, invoicesOf } from "./applied.ts";
import { PreferencesAnswer, QboCreditMemo, QboInvoice, QboPayment } from "./objects.ts";
import { deletedInvoice, type ReadSettings, toChanges } from "./snapshot.ts";

export interface Reader {
  api: QuickBooksApi;
  settings: ReadSettings;
  /** Of a company that uses one currency and does not name it; asked for when an invoice needs it. */
  homeCurrency: () => Promise<string | undefined>;
}

/** The currency that was set up, else the one of the company's preferences, which is asked for once. */
export function homeCurrencyOf(
  api: QuickBooksApi,
  setUp: string | undefined,
): Reader["homeCurrency"] {
  let asked: Promise<string | undefined> | undefined;
  return async () => {
    if (setUp !== undefined) return setUp;
    try {
      return await (asked ??= readHomeCurrency(api));
    } catch (error) {
      asked = undefined; // the next invoice asks again
      throw error;
    }
  };
}

async function readHomeCurrency(api: QuickBooksApi): Promise<string | undefined> {
  try {
    const { Preferences } = await api.get("/preferences", {}, PreferencesAnswer);
    return Preferences.CurrencyPrefs?.HomeCurrency?.value;
  } catch (error) {
    // Refused for good: the invoice that needs it then says what is to be set up.
    if (error instanceof UnreadableAnswer) return undefined;
    if (error instanceof UpstreamError && error.retryAt === null) return undefined;
    throw error;
  }
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

/** What is at least an invoice; whether it can be used is judged apart from its neighbours. */
const SomeInvoice = z.object({ Invoice: z.looseObject({ Id: IdText, SyncToken: z.string() }) });

/** One invoice by its id; null when QuickBooks never had it. */
export async function readInvoice(
  id: string,
  reader: Reader,
  known: Known,
): Promise<Change[] | null> {
  const { api } = reader;
  try {
    const path = `/invoice/${encodeURIComponent(id)}`;
    const { Invoice } = await api.get(path, {}, SomeInvoice);
    return await withApplied(readValue(QboInvoice, Invoice), reader, known);
  } catch (error) {
    if (isGone(error)) return [deletedInvoice(id, error.at)];
    if (error instanceof UpstreamError && error.status === 404) return null;
    throw error;
  }
}

/** An invoice that was read, with what was applied to it. Throws RequestError 422 on what cannot be read. */
export async function withApplied(
  invoice: QboInvoice,
  { api, settings, homeCurrency }: Reader,
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
  const currency = invoice.CurrencyRef?.value ?? (await homeCurrency());
  return toChanges({ invoice, payments: found.flat() }, { ...settings, homeCurrency: currency });
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
