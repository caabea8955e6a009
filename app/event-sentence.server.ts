import { moneyText } from "#app/components/money.tsx";
import type { Reader } from "#app/components/reader.ts";
import { timeText } from "#app/components/when.tsx";
import { eventWords, reasonWords, type Reason } from "#app/components/words.ts";
import type { LedgerEvent } from "#server/domain/event.ts";

interface Telling {
  reader: Reader;
  currency: string;
  /** Names of connections by id, for authors that are systems. */
  names: Record<string, string>;
}

/** What happened, as one sentence for the customer's timeline. */
export function sentenceOf(event: LedgerEvent, { reader, currency, names }: Telling): string {
  const money = (amount: number) => moneyText({ amount, currency }, reader.locale);
  const day = (date: string | null) => (date ? timeText(date, "day", reader) : "no date");
  const who = (author: string | undefined) => (author ? (names[author] ?? author) : "The supplier");
  switch (event.type) {
    case "invoice.issued":
      return `Invoice issued, ${money(event.data.invoice.total)}, due ${day(event.data.invoice.dueOn)}`;
    case "invoice.updated":
      return `Invoice changed: ${Object.keys(event.data.after).map(fieldWord).join(", ")}`;
    case "invoice.adjusted":
      return `Credit of ${money(event.data.amount)}${because(event.data.credit?.reason)}`;
    case "invoice.overdue":
      return `Overdue: due date ${day(event.data.dueOn)} passed, ${money(event.data.due)} due`;
    case "payment.pending":
    case "payment.received":
    case "payment.failed":
    case "payment.refunded":
    case "payment.reversed": {
      const { payment, amount } = event.data;
      const words = eventWords[event.type].replace(/^Payment/, `Payment of ${money(amount)}`);
      return `${words}${payment?.reference ? `, reference ${payment.reference}` : ""}${because(payment?.reason)}`;
    }
    case "dispute.opened":
    case "dispute.resolved":
    case "dispute.updated":
    case "dispute.waiting":
    case "dispute.rejected":
    case "dispute.withdrawn":
    case "dispute.reopened":
      return disputeSentence(event, { money, who });
    case "comment.added":
      return `${who(event.data.author)} wrote a message`;
    case "promise.made":
      return `${who(event.data.author)} promised ${money(event.data.amount)} for ${day(event.data.promisedOn)}`;
    case "promise.kept":
    case "promise.broken":
      return `${eventWords[event.type]}: ${day(event.data.promisedOn)}`;
    case "writeback.confirmed": {
      const { reference, readBack, connection } = event.data;
      const as = reference ? ` as ${reference}` : "";
      return `Received by ${who(connection)}${as}${readBack ? ", read back and equal" : ""}`;
    }
    case "mail.sent":
      return `Mail sent to ${event.data.recipient}`;
    default:
      return eventWords[event.type];
  }
}

type DisputeEvent = Extract<LedgerEvent, { type: `dispute.${string}` }>;

function disputeSentence(
  event: DisputeEvent,
  { money, who }: { money: (amount: number) => string; who: (author: string) => string },
): string {
  if (event.type === "dispute.opened") {
    const { dispute, author } = event.data;
    const part = dispute.whole ? "the whole invoice" : money(dispute.amount);
    return `${who(author)} disputed ${part}: ${reasonWord(dispute.reason)} (${dispute.number})`;
  }
  const credited = event.type === "dispute.resolved" ? (event.data.creditedAmount ?? 0) : 0;
  const words = credited > 0 ? `, ${money(credited)} will be credited` : "";
  return `${eventWords[event.type]}${words}: ${event.data.number}`;
}

/** Who or what made it happen, for the small line below the sentence. */
export function sourceOf(event: LedgerEvent, { reader, names }: Telling): string {
  const { source, data } = event;
  switch (source.kind) {
    case "connection": {
      const name = names[source.connection] ?? source.connection;
      return source.delivery === undefined
        ? name
        : `${name}, delivery ${source.delivery.toLocaleString(reader.locale)}`;
    }
    case "user":
      return "author" in data && data.author ? `Portal, ${data.author}` : "Portal";
    case "scheduler":
      return event.type === "invoice.overdue" ? "Rule: the day after the due date" : "Rule";
    case "operator":
      return "Operator of the portal";
    case "portal":
      return "Portal";
  }
}

const fieldWords: Record<string, string> = {
  dueOn: "due date",
  issuedOn: "issue date",
  number: "number",
  lines: "lines",
  references: "references",
  description: "description",
  customerName: "customer name",
  payUrl: "payment page",
  documentRef: "document",
  total: "total",
  due: "amount due",
};

function fieldWord(field: string): string {
  return fieldWords[field] ?? field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function reasonWord(reason: Reason): string {
  return reasonWords[reason].toLowerCase();
}

function because(reason: string | undefined): string {
  return reason ? `: ${reason}` : "";
}
