import type { Generated, Selectable } from "kysely";

export interface DeliveryTable {
  /** Counts up in the order of arrival. */
  id: Generated<number>;
  connection_id: string;
  /** Unique per connection; made up when the system gives none. */
  dedupe_key: string;
  method: string;
  path: string;
  /** JSON object of header name to value. */
  headers: string;
  body: Uint8Array;
  received_at: string;
  attempts: Generated<number>;
  /** When to process it next; null once it is processed or dead. */
  due_at: string | null;
  processed_at: string | null;
  dead_at: string | null;
  /** Of a dead one: somebody said that nothing is to be done. */
  dismissed_at: string | null;
  /** Why the last attempt failed, in words for finance. */
  error: string | null;
  /** First and last ledger sequence that it caused, if any. */
  first_sequence: number | null;
  last_sequence: number | null;
  /** `receive`, `replay` or `simulation`. */
  origin: Generated<string>;
}

export interface RefusedTable {
  id: Generated<number>;
  connection_id: string;
  at: string;
  status: number;
  reason: string;
  method: string;
  headers: string;
  /** At most 4 kB. */
  body: Uint8Array;
}

/** Elements that could not be used while their neighbours were recorded. */
export interface RejectionTable {
  id: Generated<number>;
  connection_id: string;
  /** The delivery that it was in; null where a reconciliation read it. */
  delivery_id: number | null;
  /** The reconciliation run that read it; null where a delivery told it. */
  run_id: string | null;
  /** Which one, in words: "Invoice 93901". */
  element: string;
  reason: string;
  rejected_at: string;
  /** When a person had seen it; null: it shows beside the connection's health. */
  dismissed_at: string | null;
}

/** An invoice that a system answered once that it does not have. */
export interface MissingInvoiceTable {
  connection_id: string;
  /** As the connection calls it: its id or number. */
  name: string;
  /** JSON of the reference by which it was asked for. */
  ref: string;
  /** When the system first answered so. */
  first_at: string;
  /** When to ask the second time. */
  due_at: string;
}
export type MissingInvoice = Selectable<MissingInvoiceTable>;

/** Authentic changes that wait for their invoice, 14 days at most. */
export interface UnmatchedTable {
  id: Generated<number>;
  connection_id: string;
  delivery_id: number | null;
  /** `id:…` or `no:…` as in invoice_names. */
  name: string;
  change: string;
  received_at: string;
  expires_at: string;
  matched_at: string | null;
}

export type DeliveryRow = Selectable<DeliveryTable>;
