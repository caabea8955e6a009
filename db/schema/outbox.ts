import type { Generated, Insertable, Selectable } from "kysely";

export interface OutboxTable {
  id: string;
  /** `mail` or `writeback`. */
  kind: string;
  /** The event that caused it; null for sign-in and test mail. */
  sequence: number | null;
  invoice_id: string | null;
  /** Rows of one key go one after the other. */
  order_key: string;
  /** Unique: says what this row does, so that it is done once. */
  once_key: string;
  /** A connection id, or a mail address. */
  target: string;
  /** Template, or event type to write back. */
  what: string;
  /** JSON: what the dispatcher needs, fixed when the event was recorded. */
  payload: string;
  created_at: string;
  due_at: string;
  attempts: Generated<number>;
  /** `queued`, `sent` (unknown outcome), `accepted`, `read_back`, `refused` (parked), `skipped`. */
  state: Generated<string>;
  done_at: string | null;
  parked_at: string | null;
  /** JSON: reference, answer, Message-ID, hash of what was rendered. */
  receipt: string | null;
  last_answer: string | null;
  updated_at: string;
  /** The `once_key` of the mail that this one goes out in, together with others to the same person. */
  mail_group: string | null;
}

/** Addresses that refuse mail: nothing that an event causes is tried there. */
export interface MailSuppressionTable {
  /** In lower case. */
  address: string;
  refused_at: string;
  answer: string;
}

export interface OutboxAttemptTable {
  id: Generated<number>;
  outbox_id: string;
  at: string;
  outcome: string;
  answer: string;
  duration_ms: number;
}

/** Mail that the development transport caught; shown at /dev/mail. */
export interface CaughtMailTable {
  id: Generated<number>;
  caught_at: string;
  recipient: string;
  subject: string;
  raw: Uint8Array;
}

/** Kinds of mail that a person does not want; `customer_id` "*" is for finance kinds. */
export interface MailStopTable {
  user_id: string;
  kind: string;
  stopped_at: string;
}

export type OutboxRow = Selectable<OutboxTable>;
export type NewOutboxRow = Insertable<OutboxTable>;
