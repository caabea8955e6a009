import type { Db } from "#db/connect.ts";
import type { Context } from "#server/context.ts";
import type { EventData, LedgerEvent } from "#domain/event.ts";
import { dayMs, type Instant, plusMs, roughMs, toInstant } from "#domain/time.ts";
import { changedForMail, type EventTemplate, isForFinance, mailKind } from "#domain/mail.ts";
import { mailOnceKey, mailOrderKey, type MailPayload } from "./outbox-row.ts";
import type { Entry } from "./entry.ts";
import { enqueueWriteBacks } from "./enqueue-write-back.ts";
import { enteredAnew } from "./money-effects.ts";

/** A balance that changed without a reason waits so long for the message that names it. */
const reasonWaitMs = 2 * 60_000;
/** An older event is mailed to finance only: nobody wants news of last month. */
const newsMs = 7 * dayMs;

interface Recipient {
  id: string;
  name: string;
  email: string;
  locale: string | null;
  timeZone: string | null;
}

interface Enqueued {
  events: LedgerEvent[];
  entry: Entry;
  /** The customer who reads a chain: words about an invoice that was moved stay with their own. */
  readerOf: (chain: string) => Promise<string | null>;
}

/**
 * Writes the outbox rows that events cause, in their transaction: recipients, language and zone are
 * fixed now. Each event about money is mailed; of the others of one delivery the weightiest alone, and
 * only when it weighs more than money. What waits for one person goes out as one mail.
 */
export async function enqueue(
  trx: Db,
  context: Context,
  { events, entry, readerOf }: Enqueued,
): Promise<void> {
  const now = toInstant(context.clock());
  await enqueueWriteBacks(trx, context, { events, entry });
  const weightiest = new Map<string, Pick<Mail, "event" | "template">>();
  const money: Pick<Mail, "event" | "template">[] = [];
  const entered = enteredAnew(events);
  for (const event of events) {
    for (const template of entered.has(event) ? [] : templatesOf(event)) {
      if (aboutMoney.has(template)) money.push({ event, template });
      const key = isForFinance(template) ? `finance:${template}` : "customer";
      const known = weightiest.get(key);
      if (known && weightOf(template) <= weightOf(known.template)) continue;
      weightiest.set(key, { event, template });
    }
  }
  const others = [...weightiest.values()].filter(({ template }) => !aboutMoney.has(template));
  for (const mail of [...money, ...others].sort(bySequence)) {
    const customer = isForFinance(mail.template) ? null : await readerOf(mail.event.chain);
    await enqueueMail(trx, { ...mail, customer, closedAs: closedBy(events, mail.event) }, now);
  }
}

/** How the message of an event closed its invoice afterwards, if it did. */
function closedBy(events: LedgerEvent[], { invoice, sequence }: LedgerEvent): Mail["closedAs"] {
  const later = events.filter((other) => other.invoice === invoice && other.sequence > sequence);
  const last = later.findLast(
    ({ type }) => type === "invoice.voided" || type === "invoice.written_off",
  );
  if (last === undefined) return undefined;
  return last.type === "invoice.voided" ? "void" : "written_off";
}

interface Mail {
  event: LedgerEvent;
  template: EventTemplate;
  /** Whose people are told; what is for finance needs none. */
  customer?: string | null | undefined;
  closedAs?: MailPayload["closedAs"];
}

/** Writes one mail per person that it concerns and who did not stop its kind. */
export async function enqueueMail(
  trx: Db,
  { event, template, customer, closedAs }: Mail,
  now: Instant,
): Promise<void> {
  for (const person of await recipientsOf(trx, { event, template, customer }, now)) {
    const payload: MailPayload = {
      template,
      sequence: event.sequence,
      invoiceId: event.invoice,
      userId: person.id,
      name: person.name,
      locale: person.locale ?? "en",
      timeZone: person.timeZone ?? "",
      to: person.email,
      ...(closedAs && { closedAs }),
    };
    await trx
      .insertInto("outbox")
      .values({
        id: `${event.sequence}-${template}-${person.id}`,
        kind: "mail",
        sequence: event.sequence,
        invoice_id: event.invoice,
        order_key: mailOrderKey(payload),
        once_key: mailOnceKey(payload),
        target: person.email,
        what: template,
        payload: JSON.stringify(payload),
        created_at: now,
        due_at: template === "invoice_settled" ? plusMs(now, reasonWaitMs) : now,
        receipt: null,
        updated_at: now,
      })
      .onConflict((conflict) => conflict.column("once_key").doNothing())
      .execute();
  }
}

async function recipientsOf(
  trx: Db,
  { event, template, customer = null }: Mail,
  now: Instant,
): Promise<Recipient[]> {
  const finance = isForFinance(template);
  const isOld = Date.parse(now) - roughMs(event.occurredAt) > newsMs;
  if (!finance && (isOld || customer === null)) return [];
  const people = trx
    .selectFrom("user")
    .select(["user.id", "user.name", "user.email", "user.locale", "user.timeZone"])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("mail_stops")
            .select("mail_stops.kind")
            .whereRef("mail_stops.user_id", "=", "user.id")
            .where("mail_stops.kind", "=", mailKind(template)),
        ),
      ),
    );
  if (finance || customer === null) {
    return people.where("user.staffRole", "in", ["finance", "administrator"]).limit(200).execute();
  }
  return people
    .innerJoin("member", "member.userId", "user.id")
    .where("member.organizationId", "=", customer)
    .limit(500)
    .execute();
}

/** Which mails an event causes, if it concerns the reader at all. */
function templatesOf(event: LedgerEvent): EventTemplate[] {
  switch (event.type) {
    case "invoice.issued":
    case "invoice.reissued":
      return ["invoice_issued"];
    case "invoice.updated":
      return templatesOfUpdate(event.data);
    case "payment.received":
      if (event.data.amount === 0) return [];
      return [event.data.amount > 0 ? "payment_received" : "payment_failed"];
    case "payment.failed":
    case "payment.reversed":
      return ["payment_failed"];
    case "payment.refunded":
    case "payment.refund_failed":
      return event.data.amount > 0 ? ["payment_refunded"] : [];
    case "invoice.overdue":
      return event.data.due > 0 ? ["invoice_overdue"] : [];
    case "invoice.adjusted":
      return ["invoice_adjusted"];
    case "invoice.settled":
      return ["invoice_settled"];
    case "invoice.voided":
      return ["invoice_voided"];
    case "invoice.written_off":
      return ["invoice_written_off"];
    case "invoice.unvoided":
      return ["invoice_reinstated"];
    default:
      return templatesOfWords(event);
  }
}

/** What people did: disputes, messages and promises. */
function templatesOfWords(event: LedgerEvent): EventTemplate[] {
  switch (event.type) {
    case "dispute.opened":
      return ["dispute_opened", "finance_dispute_opened"];
    case "dispute.updated":
    case "dispute.reopened":
      return ["dispute_updated"];
    case "dispute.waiting":
      return ["dispute_answered"];
    case "dispute.resolved":
      return ["dispute_resolved"];
    case "dispute.rejected":
      return ["dispute_rejected"];
    case "dispute.withdrawn":
      return ["finance_dispute_withdrawn"];
    case "comment.added":
      if (event.data.side === "customer") return ["finance_comment"];
      return [event.data.disputeId ? "dispute_answered" : "comment_added"];
    case "promise.made":
      return ["finance_promise_made"];
    case "promise.withdrawn":
      return ["finance_promise_withdrawn"];
    default:
      return [];
  }
}

/** Of what an invoice says, people hear at once what changes what they pay, when, and by which number. */
function templatesOfUpdate({ before, after }: EventData<"invoice.updated">): EventTemplate[] {
  if (before.state === "written_off" && after.state === "issued") return ["invoice_reinstated"];
  return changedForMail.some((name) => name in after || name in before) ? ["invoice_changed"] : [];
}

function bySequence(a: Pick<Mail, "event">, b: Pick<Mail, "event">): number {
  return a.event.sequence - b.event.sequence;
}

/** Who was told that money came is told that it was taken back, too. */
const aboutMoney = new Set<EventTemplate>([
  "payment_received",
  "payment_failed",
  "payment_refunded",
  "invoice_adjusted",
  "invoice_settled",
]);

const weights: EventTemplate[] = [
  "invoice_issued",
  "dispute_updated",
  "comment_added",
  "invoice_changed",
  "invoice_settled",
  "invoice_adjusted",
  "invoice_overdue",
  "payment_refunded",
  "payment_failed",
  "payment_received",
  "dispute_opened",
  "dispute_answered",
  "dispute_rejected",
  "dispute_resolved",
  "invoice_reinstated",
  "invoice_written_off",
  "invoice_voided",
];

function weightOf(template: EventTemplate): number {
  return weights.indexOf(template);
}
