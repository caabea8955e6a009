import type { Db } from "#db/connect.ts";
import type { LedgerEvent } from "#domain/event.ts";
import type { EventTemplate } from "#domain/mail.ts";
import type { Instant } from "#domain/time.ts";
import { enqueueMail } from "#server/ledger/enqueue.ts";

/** Mails finance what needs a person now. A mail that says so and fails itself is told to nobody. */
export async function tellFinance(trx: Db, events: LedgerEvent[], now: Instant): Promise<void> {
  for (const event of events) {
    const template = templateOf(event);
    if (template) await enqueueMail(trx, { event, template }, now);
  }
}

function templateOf(event: LedgerEvent): EventTemplate | null {
  if (event.type === "writeback.failed") return "finance_writeback_parked";
  if (event.type !== "mail.failed") return null;
  return event.data.template === "finance_mail_failed" ? null : "finance_mail_failed";
}
