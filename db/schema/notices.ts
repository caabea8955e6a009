import type { Selectable } from "kysely";

/** What finance has to look at: one row for each kind, connection and invoice. */
export interface FinanceNoticeTable {
  id: string;
  action: string;
  connection_id: string;
  invoice_id: string;
  /** The delivery that showed it last; null for a reading or a job. */
  delivery_id: number | null;
  details: string;
  /** When the telling came that opened it. */
  since: string;
  first_at: string;
  last_at: string;
  times: number;
  closed_at: string | null;
}

export type FinanceNoticeRow = Selectable<FinanceNoticeTable>;
