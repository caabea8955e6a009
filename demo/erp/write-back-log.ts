import type { Database } from "better-sqlite3";
import { z } from "zod";

const Receipt = z.object({ status: z.int(), reference: z.string() });
/** What a write-back was answered: the HTTP status and the ERP's own reference. */
export type Receipt = z.infer<typeof Receipt>;

/** The receipt given for this webhook-id before, or null. */
export function findReceipt(store: Database, id: string): Receipt | null {
  const row = store.prepare("select status, reference from write_backs where id = ?").get(id);
  return row === undefined ? null : Receipt.parse(row);
}

/** Remembers the receipt for good: the webhook-id is the idempotency key. */
export function saveReceipt(store: Database, id: string, { status, reference }: Receipt): void {
  store.prepare("insert into write_backs values (?, ?, ?)").run(id, status, reference);
}

const Entry = z.object({
  sequence: z.int(),
  at: z.string(),
  webhook_id: z.string().nullable(),
  type: z.string().nullable(),
  invoice_id: z.string().nullable(),
  status: z.int().nullable(),
  answer: z.string(),
});
export type WriteBackEntry = z.infer<typeof Entry>;

/** Notes every attempt of the portal to write back, refused ones too; `status` null: hung up. */
export function logWriteBack(store: Database, entry: Omit<WriteBackEntry, "sequence">): void {
  store
    .prepare(
      `insert into write_back_log (at, webhook_id, type, invoice_id, status, answer)
       values (:at, :webhook_id, :type, :invoice_id, :status, :answer)`,
    )
    .run(entry);
}

/** The newest attempts, of one invoice or of all, newest first. */
export function recentWriteBacks(
  store: Database,
  { invoiceId, limit }: { invoiceId: string | null; limit: number },
): WriteBackEntry[] {
  const rows = store
    .prepare(
      "select * from write_back_log where (:invoiceId is null or invoice_id = :invoiceId) order by sequence desc limit :limit",
    )
    .all({ invoiceId, limit });
  return z.array(Entry).parse(rows);
}
