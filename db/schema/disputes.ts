import type { ReasonCode } from "#domain/dispute.ts";
import type { DisputeState } from "#domain/dispute.ts";
import type { Selectable } from "kysely";

export interface DisputeTable {
  id: string;
  number: string;
  invoice_id: string;
  /** The record under which it was opened, whose chain tells of it; its invoice may be another's since. */
  customer_record_id: string;
  /** The customer of that record. */
  customer_id: string | null;
  state: DisputeState;
  reason: ReasonCode;
  currency: string;
  amount: number;
  whole_at: string | null;
  lines: string;
  message: string;
  customer_reference: string | null;
  external_id: string | null;
  opened_by: string;
  opened_side: string;
  opened_at: string;
  first_response_due_at: string;
  responded_at: string | null;
  closed_at: string | null;
  /** The name of whoever works it, as it was when they took it. */
  processor: string | null;
  credited_amount: number | null;
  /** The invoice's `credited` at which the promised credit is there; null: nothing is pending. */
  credit_expected: number | null;
  /** The last words of whoever moved it, e.g. why it was rejected. */
  answer: string | null;
  updated_at: string;
  sequence: number;
  /** Whoever works it: a user, or an API key. */
  processor_id: string | null;
}

export interface CommentTable {
  id: string;
  invoice_id: string;
  dispute_id: string | null;
  /** `customer` or `supplier` audience: a note is for the supplier alone. */
  audience: string;
  side: string;
  author: string;
  text: string;
  occurred_at: string;
  sequence: number;
}

export interface PromiseTable {
  id: string;
  invoice_id: string;
  promised_on: string;
  amount: number;
  currency: string;
  author: string;
  /** `made`, `kept`, `broken`, `replaced` or `withdrawn`. */
  state: string;
  made_at: string;
  sequence: number;
  /** The record under which it was made; its invoice may be another's since. */
  customer_record_id: string;
}

export type DisputeRow = Selectable<DisputeTable>;
