import type { Db } from "#db/connect.ts";
import type { LedgerEvent } from "#domain/event.ts";
import type { EventTemplate } from "#domain/mail.ts";
import type { Instant } from "#domain/time.ts";
import { enqueueMail } from "#server/ledger/enqueue.ts";

/**
 * Mails finance what needs a person now, once for each answer. A mail that says so and fails itself is told
 * to nobody: it waits in the outbox, which the console counts.
 */
export async function tellFinance(trx: Db, events: LedgerEvent[], now: Instant): Promise<void> {
  const told = new Set<string>();
  for (const event of events) {
    const template = templateOf(event);
    const answer = "answer" in event.data ? event.data.answer : "";
    if (!template || told.has(answer)) continue;
    told.add(answer);
    await enqueueMail(trx, { event, template }, now);
  }
}

function templateOf(event: LedgerEvent): EventTemplate | null {
  if (event.type === "writeback.failed") return "finance_writeback_parked";
  if (event.type !== "mail.failed") return null;
  return event.data.template === "finance_mail_failed" ? null : "finance_mail_failed";
}
