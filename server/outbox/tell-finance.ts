import type { Db } from "#db/connect.ts";
import type { NewOutboxRow } from "#db/schema.ts";
import { insertOutbox } from "#db/queries/outbox.ts";
import type { LedgerEvent } from "#server/domain/event.ts";
import { newId } from "#server/domain/id.ts";
import type { Instant } from "#server/domain/time.ts";
import { type EventTemplate, mailKind } from "#server/domain/mail.ts";
import { mailOnceKey, mailOrderKey, type MailPayload } from "#server/ledger/outbox-row.ts";

/** Mails finance what needs a person now. A mail that says so and fails itself is told to nobody. */
export async function tellFinance(trx: Db, events: LedgerEvent[], now: Instant): Promise<void> {
  for (const event of events) {
    const template = templateOf(event);
    if (!template) continue;
    const people = await financePeople(trx, template);
    const rows = people.map((person) => rowFor({ event, template, person, now }));
    await insertOutbox(trx, rows);
  }
}

function templateOf(event: LedgerEvent): EventTemplate | null {
  if (event.type === "writeback.failed") return "finance_writeback_parked";
  if (event.type !== "mail.failed") return null;
  return event.data.template === "finance_mail_failed" ? null : "finance_mail_failed";
}

function financePeople(trx: Db, template: EventTemplate) {
  return trx
    .selectFrom("user")
    .select(["id", "name", "email", "locale", "timeZone"])
    .where("staffRole", "in", ["finance", "administrator"])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("mail_stops")
            .select("mail_stops.kind")
            .whereRef("mail_stops.user_id", "=", "user.id")
            .where("mail_stops.kind", "=", mailKind(template)),
        ),
      ),
    )
    .limit(200)
    .execute();
}

interface Telling {
  event: LedgerEvent;
  template: EventTemplate;
  person: Awaited<ReturnType<typeof financePeople>>[number];
  now: Instant;
}

function rowFor({ event, template, person, now }: Telling): NewOutboxRow {
  const payload: MailPayload = {
    template,
    sequence: event.sequence,
    invoiceId: event.invoice,
    userId: person.id,
    name: person.name,
    locale: person.locale ?? "en",
    timeZone: person.timeZone ?? "",
    to: person.email,
  };
  return {
    id: newId("obx"),
    kind: "mail",
    sequence: event.sequence,
    invoice_id: event.invoice,
    order_key: mailOrderKey(payload),
    once_key: mailOnceKey(payload),
    target: person.email,
    what: template,
    payload: JSON.stringify(payload),
    created_at: now,
    due_at: now,
    receipt: null,
    updated_at: now,
  };
}
