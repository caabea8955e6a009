import { setImmediate as nextTurn } from "node:timers/promises";
import type { Change, InvoiceRef } from "#domain/change.ts";
import type { Instant } from "#domain/time.ts";
import type { ChangedPage, Parsed } from "#server/connectors/contract.ts";
import { eachApart, textIn } from "#server/connectors/kit/apart.ts";
import type { XeroApi } from "./api.ts";
import { creditNoteIdOf } from "./references.ts";
import { toChanges } from "./snapshot.ts";
import { aboutRow, readInvoice, XeroCreditNotes, type XeroInvoice, XeroInvoices } from "./wire.ts";

export interface Reader {
  api: XeroApi;
  /** The invoice with this id, null when Xero does not know it. */
  load: (id: string) => Promise<XeroInvoice | null>;
  /** The code of the account that stands for bad debts; undefined: nothing is shown as written off. */
  writeOffAccount: string | undefined;
}

/** As many ids as fit into an address. */
const mostIds = 40;

/** Gives `load`: what is asked for at the same time is read by one call, for calls are few (60 a minute). */
export function invoiceLoader(api: XeroApi): Reader["load"] {
  let open: { ids: Set<string>; found: Promise<unknown[]> } | undefined;

  function begin() {
    const ids = new Set<string>();
    const found = nextTurn().then(() => {
      if (open?.ids === ids) open = undefined;
      return readInvoices(api, [...ids]);
    });
    return { ids, found };
  }

  return async (id) => {
    if (!open || open.ids.size >= mostIds) open = begin();
    open.ids.add(id);
    const found = await open.found;
    const row = found.find((each) => aboutRow(each).id.toLowerCase() === id.toLowerCase());
    return row === undefined ? null : readInvoice(row);
  };
}

async function readInvoices(api: XeroApi, ids: string[]): Promise<unknown[]> {
  const [only = "", ...others] = ids.map(encodeURIComponent);
  if (others.length === 0) {
    return (await api.find(`/Invoices/${only}`, XeroInvoices))?.Invoices ?? [];
  }
  const query = `IDs=${[only, ...others].join(",")}&page=1&pageSize=${pageSize}`;
  return (await api.get(`/Invoices?${query}`, XeroInvoices)).Invoices;
}

/**
 * The invoice with its payments and credits, by id, number, or a credit note (`creditNoteRef`), which
 * leads to every invoice that it was applied to. Null: not known, or a supplier's.
 */
export async function fetchInvoice(
  { externalId, number }: InvoiceRef,
  reader: Reader,
): Promise<Parsed | null> {
  if (externalId === undefined) return byNumber(number ?? "", reader);
  const creditNoteId = creditNoteIdOf(externalId);
  if (creditNoteId === undefined) {
    const invoice = await reader.load(externalId);
    return invoice && { changes: await told(invoice, reader) };
  }
  // What is missing or empty here says nothing of an invoice.
  return eachApart(
    await allocatedTo(creditNoteId, reader.api),
    (id) => `Invoice ${id}`,
    async (id) => {
      const invoice = await reader.load(id);
      return invoice ? told(invoice, reader) : [];
    },
  );
}

/** Bills of suppliers may carry the same number. */
async function byNumber(number: string, reader: Reader): Promise<Parsed | null> {
  const query = `InvoiceNumbers=${encodeURIComponent(number)}&page=1&pageSize=${pageSize}`;
  const { Invoices } = await reader.api.get(`/Invoices?${query}`, XeroInvoices);
  const row = Invoices.find(
    (each) => textIn(each, "Type") === "ACCREC" && textIn(each, "InvoiceNumber") === number,
  );
  return row === undefined ? null : { changes: await told(readInvoice(row), reader) };
}

async function allocatedTo(creditNoteId: string, api: XeroApi): Promise<string[]> {
  const note = await readCreditNote(creditNoteId, api);
  if (note?.Type !== "ACCRECCREDIT") return [];
  return [...new Set(note.Allocations?.map(({ Invoice }) => Invoice.InvoiceID))];
}

async function readCreditNote(id: string, api: XeroApi) {
  const found = await api.find(`/CreditNotes/${encodeURIComponent(id)}`, XeroCreditNotes);
  return found?.CreditNotes[0];
}

async function told(invoice: XeroInvoice, reader: Reader): Promise<Change[]> {
  return toChanges(invoice, { isWrittenOff: await isWrittenOff(invoice, reader) });
}

/** Xero has no write-off: it is a credit note against an account that the administrator names. */
async function isWrittenOff(invoice: XeroInvoice, { api, writeOffAccount }: Reader) {
  if (writeOffAccount === undefined || invoice.Status !== "PAID") return false;
  for (const { CreditNoteID } of invoice.CreditNotes ?? []) {
    const note = await readCreditNote(CreditNoteID, api);
    if (note?.LineItems?.some(({ AccountCode }) => AccountCode === writeOffAccount)) return true;
  }
  return false;
}

const pageSize = 100;

/**
 * Invoices to customers that changed at or after `since`, voided ones too, in the order of their ids;
 * `cursor` is the number of the page. An id never changes and Xero removes no invoice, so that one that
 * changes meanwhile stays where it is, or joins the list and moves others to a later page: nothing slips
 * into a page that was read before. In the order of changes it would move to the end.
 */
export async function changedSince(
  since: Instant,
  cursor: string | null,
  reader: Reader,
): Promise<ChangedPage> {
  const page = /^\d+$/.test(cursor ?? "") ? Number(cursor) : 1;
  const query = new URLSearchParams({
    ...{ page: String(page), pageSize: String(pageSize) },
    ...{ where: 'Type=="ACCREC"', order: "InvoiceID ASC" },
  });
  const headers = { "if-modified-since": modifiedSince(since) };
  const { Invoices } = await reader.api.get(`/Invoices?${query}`, XeroInvoices, headers);
  const read = await eachApart(
    Invoices,
    (row) => `Invoice ${aboutRow(row).number}`,
    (row) => told(readInvoice(row), reader),
  );
  return { ...read, next: Invoices.length < pageSize ? null : String(page + 1) };
}

/** Whole seconds of UTC without a zone; one earlier, since Xero does not say whether it includes them. */
function modifiedSince(instant: Instant): string {
  const earlier = new Date(Math.max(0, Date.parse(instant) - 1000));
  return earlier.toISOString().slice(0, "2026-11-01T00:00:00".length);
}
