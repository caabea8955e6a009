import type { InvoiceStatus } from "#domain/invoice-sums.ts";
import type { DisputeState } from "#domain/dispute.ts";
import type { Selectable } from "kysely";

export interface CustomerRecordTable {
  id: string;
  connection_id: string;
  /** The system's customer id, or `name:<normalised name>`. */
  external_key: string;
  name: string;
  email: string | null;
  customer_id: string | null;
  created_at: string;
}

/** What each connection told of an invoice, with versions: the memory of `derive`, not a projection. */
export interface InvoiceFactsTable {
  invoice_id: string;
  facts: string;
}

/** Names by which a connection calls an invoice: `id:<external id>`, `no:<number>`. */
export interface InvoiceNameTable {
  connection_id: string;
  name: string;
  invoice_id: string;
}

export interface InvoiceTable {
  id: string;
  number: string;
  /** Upper case, for prefix search. */
  number_key: string;
  customer_record_id: string;
  customer_id: string | null;
  customer_name: string;
  owner: string;
  external_id: string | null;
  status: InvoiceStatus;
  /** The most pressing dispute's state, or `none`. */
  dispute: DisputeState | "none";
  currency: string;
  total: number;
  paid: number;
  credited: number;
  due: number;
  issued_on: string | null;
  due_on: string | null;
  /** First PO number, upper case, for prefix search. */
  po_key: string | null;
  description: string | null;
  /** `rowid` of its words in invoice_search: the sequence of the event that issued it. */
  search_id: number;
  /** InvoiceView, JSON. */
  view: string;
  /** `recorded_at` and `sequence` of its last event. */
  updated_at: string;
  sequence: number;
}

/** What an invoice is found by (FTS5); `rowid` is the invoice's `search_id`. */
export interface InvoiceSearchTable {
  rowid: number;
  invoice_id: string;
  /** As `searchedText` writes it. */
  text: string;
  /** As `searchText` writes them. */
  words: string;
}

export type CustomerRecordRow = Selectable<CustomerRecordTable>;
export type InvoiceRow = Selectable<InvoiceTable>;
