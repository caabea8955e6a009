import type { OutboxRow } from "#db/schema/outbox.ts";

/** An outbox row without its payload, as pages of the console show it. */
export function sentRow(row: OutboxRow) {
  return {
    id: row.id,
    kind: row.kind,
    what: row.what,
    target: row.target,
    sequence: row.sequence,
    invoiceId: row.invoice_id,
    state: row.state,
    parked: row.parked_at !== null,
    done: row.done_at !== null,
    attempts: row.attempts,
    createdAt: row.created_at,
    dueAt: row.due_at,
    updatedAt: row.updated_at,
    answer: row.last_answer,
  };
}
