import { randomUUID } from "node:crypto";
import type { Database } from "better-sqlite3";
import { z } from "zod";

const Webhook = z.object({
  sequence: z.int(),
  id: z.string(),
  invoice_id: z.string(),
  type: z.string(),
  body: z.instanceof(Buffer),
  created_at: z.string(),
  attempts: z.int(),
  due_at: z.string(),
  done_at: z.string().nullable(),
  status: z.int().nullable(),
  answer: z.string().nullable(),
});
export type Webhook = z.infer<typeof Webhook>;

/** Creates the table of outgoing webhooks in the ERP's own file. */
export function createWebhookTable(store: Database): void {
  store.exec(`
    create table if not exists webhooks (
      sequence integer primary key, id text not null unique, invoice_id text not null,
      type text not null, body blob not null, created_at text not null,
      attempts integer not null default 0, due_at text not null, done_at text,
      status integer, answer text
    );
    create index if not exists webhooks_waiting on webhooks (invoice_id, sequence) where done_at is null;
  `);
}

type New = { invoiceId: string; type: string; body: Buffer; at: string };

/** Queues these bytes; they are sent as they are, under one webhook-id, however often it takes. */
export function enqueueWebhook(store: Database, { invoiceId, type, body, at }: New): void {
  store
    .prepare(
      "insert into webhooks (id, invoice_id, type, body, created_at, due_at) values (?, ?, ?, ?, ?, ?)",
    )
    .run(`msg_${randomUUID()}`, invoiceId, type, body, at, at);
}

/** What may be sent now: of each invoice only its oldest unsent webhook, so that order holds. */
export function dueWebhooks(
  store: Database,
  { now, limit }: { now: string; limit: number },
): Webhook[] {
  const rows = store
    .prepare(
      `select * from webhooks as w where done_at is null and due_at <= ? and not exists (
         select 1 from webhooks as earlier where earlier.invoice_id = w.invoice_id
         and earlier.sequence < w.sequence and earlier.done_at is null
       ) order by sequence limit ?`,
    )
    .all(now, limit);
  return z.array(Webhook).parse(rows);
}

/** When the next webhook that is not yet due will be, or null. */
export function nextDueAt(store: Database, now: string): string | null {
  const sql = "select min(due_at) from webhooks where done_at is null and due_at > ?";
  return z.string().nullable().parse(store.prepare(sql).pluck().get(now));
}

type Attempt = { sequence: number; status: number | null; answer: string };

/** Notes the last answer to a webhook; `doneAt` ends it, otherwise it comes due again at `dueAt`. */
export function noteAttempt(
  store: Database,
  { sequence, status, answer, ...next }: Attempt & ({ doneAt: string } | { dueAt: string }),
): void {
  const [column, instant] = "doneAt" in next ? ["done_at", next.doneAt] : ["due_at", next.dueAt];
  store
    .prepare(
      `update webhooks set attempts = attempts + 1, status = ?, answer = ?, ${column} = ? where sequence = ?`,
    )
    .run(status, answer, instant, sequence);
}

/** Makes everything unsent due now. */
export function makeAllDue(store: Database, now: string): void {
  store.prepare("update webhooks set due_at = ? where done_at is null").run(now);
}

/** The newest webhooks, of one invoice or of all, newest first. */
export function recentWebhooks(
  store: Database,
  { invoiceId, limit }: { invoiceId: string | null; limit: number },
): Webhook[] {
  const rows = store
    .prepare(
      "select * from webhooks where (:invoiceId is null or invoice_id = :invoiceId) order by sequence desc limit :limit",
    )
    .all({ invoiceId, limit });
  return z.array(Webhook).parse(rows);
}

/** How many webhooks wait to be sent. */
export function countWaiting(store: Database): number {
  const count = store.prepare("select count(*) from webhooks where done_at is null").pluck();
  return z.int().parse(count.get());
}
