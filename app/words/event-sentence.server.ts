import { moneyText } from "#app/ui/money.tsx";
import type { Reader } from "#app/ui/reader.ts";
import { timeText } from "#app/ui/when.tsx";
import { eventWords, sentWord } from "./words.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { disputeSentence } from "./dispute-sentence.server.ts";

interface Telling {
  reader: Reader;
  currency: string;
  /** Names of connections by id, for authors that are systems. */
  names: Record<string, string>;
}

/** What happened, as one sentence for the customer's timeline. */
export function sentenceOf(event: LedgerEvent, telling: Telling): string {
  const { money, who } = tellers(telling);
  switch (event.type) {
    case "invoice.issued":
    case "invoice.updated":
    case "invoice.adjusted":
    case "invoice.overdue":
    case "invoice.unvoided":
    case "invoice.written_off":
    case "invoice.voided":
    case "invoice.owner_changed":
    case "invoice.settled":
    case "invoice.reissued":
      return invoiceSentence(event, telling);
    case "payment.pending":
    case "payment.received":
    case "payment.failed":
    case "payment.refunded":
    case "payment.reversed":
      return paymentSentence(event, money);
    case "payment.identified":
    case "payment.booked": {
      const { payment } = event.data;
      const word = event.type === "payment.booked" ? "booked" : "identified";
      const reference = payment.reference ? `, reference ${payment.reference}` : "";
      const kind = payment.stage === "refunded" ? "Refund" : "Payment";
      return `${kind} of ${money(payment.amount)} ${word}${reference}`;
    }
    case "payment.refund_failed":
      return `Refund of ${money(event.data.amount)} did not take place`;
    case "dispute.opened":
    case "dispute.updated":
    case "dispute.assigned":
    case "dispute.waiting":
    case "dispute.resolved":
    case "dispute.rejected":
    case "dispute.withdrawn":
    case "dispute.reopened":
      return disputeSentence(event, { money, who });
    case "comment.added":
      return `${who(event.data.author)} wrote a message`;
    default:
      return furtherSentence(event, telling);
  }
}

type Paid = Extract<
  LedgerEvent,
  { type: `payment.${"pending" | "received" | "failed" | "refunded" | "reversed"}` }
>;

/** One that became less, as it came when a bookkeeper corrected it, was not received once more. */
function paymentSentence({ type, data }: Paid, money: (amount: number) => string): string {
  const { payment, amount } = data;
  const size = money(Math.abs(amount));
  const isLess = type === "payment.received" && amount < 0;
  const words = isLess
    ? `${size} of the payment taken back`
    : eventWords[type].replace(/^Payment/, `Payment of ${size}`);
  return `${words}${payment?.reference ? `, reference ${payment.reference}` : ""}${because(payment?.reason)}`;
}

/** Promises, and what the portal sent on. */
function furtherSentence(event: LedgerEvent, telling: Telling): string {
  const { money, day, who } = tellers(telling);
  switch (event.type) {
    case "promise.made":
      return `${who(event.data.author)} promised ${money(event.data.amount)} for ${day(event.data.promisedOn)}`;
    case "promise.withdrawn":
      return `${who(event.data.author)} took back the promise of ${money(event.data.amount)} for ${day(event.data.promisedOn)}`;
    case "promise.kept":
      return `Promise for ${day(event.data.promisedOn)} kept`;
    case "promise.broken":
      return `Promise for ${day(event.data.promisedOn)} not kept`;
    case "writeback.confirmed": {
      const { reference, readBack, connection, what } = event.data;
      const as = reference ? ` as ${reference}` : "";
      return `${sentWord(what)} received by ${who(connection)}${as}${readBack ? ", read back and equal" : ""}`;
    }
    case "writeback.failed":
      return `${sentWord(event.data.what)} did not get into ${who(event.data.connection)}, the supplier has been told`;
    case "mail.sent":
      return `Mail sent to ${event.data.recipient}: ${event.data.template.replaceAll("_", " ")}`;
    case "mail.failed":
      return `Mail to ${event.data.recipient} could not be delivered`;
    default:
      return eventWords[event.type];
  }
}

type InvoiceEvent = Extract<
  LedgerEvent,
  {
    type:
      | "invoice.issued"
      | "invoice.updated"
      | "invoice.adjusted"
      | "invoice.overdue"
      | "invoice.unvoided"
      | "invoice.written_off"
      | "invoice.voided"
      | "invoice.owner_changed"
      | "invoice.settled"
      | "invoice.reissued";
  }
>;

function invoiceSentence(event: InvoiceEvent, telling: Telling): string {
  const { money, day, who } = tellers(telling);
  switch (event.type) {
    case "invoice.issued": {
      const { total, dueOn } = event.data.invoice;
      return `Invoice issued, ${money(total)}${dueOn ? `, due ${day(dueOn)}` : ""}`;
    }
    case "invoice.updated":
      return changeSentence(event.data, telling);
    case "invoice.adjusted": {
      const { credit, amount } = event.data;
      if (amount < 0) return `Credit of ${money(-amount)} taken back${because(credit?.reason)}`;
      const kind = credit ? creditWords[credit.type] : "Credit";
      return `${kind} of ${money(amount)}${because(credit?.reason)}`;
    }
    case "invoice.settled": {
      const { amount } = event.data;
      const words = "settled without a payment or credit note";
      if (amount > 0) return `${money(amount)} ${words}`;
      return `${money(-amount)} is due again, no payment or credit was taken back`;
    }
    case "invoice.reissued": {
      const { from, invoice } = event.data;
      const before = moneyText(
        { amount: from.total, currency: from.currency },
        telling.reader.locale,
      );
      const now = moneyText(
        { amount: invoice.total, currency: invoice.currency },
        telling.reader.locale,
      );
      return `Currency corrected: issued anew over ${now}, before ${before}`;
    }
    case "invoice.overdue":
      return `Overdue: due date ${day(event.data.dueOn)} passed, ${money(event.data.due)} due`;
    case "invoice.voided":
      return "Invoice voided, nothing is to be paid";
    case "invoice.unvoided":
      return `Voiding taken back, ${money(event.data.settlement.due)} due`;
    case "invoice.written_off": {
      const { due } = event.data.settlement;
      return `Written off: ${money(due)} is no longer asked for`;
    }
    case "invoice.owner_changed":
      return `From now on ${who(event.data.to)} decides amounts and status`;
  }
}

const creditWords = { credit_note: "Credit note", discount: "Discount", correction: "Correction" };

type Changed = Extract<LedgerEvent, { type: "invoice.updated" }>["data"];

/** Dates, sums and the number say from what to what; of anything else only the name is told. */
function changeSentence({ before, after }: Changed, telling: Telling): string {
  const { day, money } = tellers(telling);
  const { dueOn, number, ...others } = after;
  const told: string[] = [];
  if (dueOn !== undefined) {
    told.push(`due date ${before.dueOn ? `from ${day(before.dueOn)} ` : ""}to ${day(dueOn)}`);
  }
  if (number !== undefined) told.push(`number from ${before.number ?? "none"} to ${number}`);
  for (const name of sums) {
    const [was, is] = [before[name], after[name]];
    if (was === undefined && is === undefined) continue;
    told.push(`${fieldWord(name)} from ${money(was ?? 0)} to ${money(is ?? 0)}`);
  }
  const names = new Set([...Object.keys(others), ...Object.keys(before)]);
  for (const name of ["dueOn", "number", ...sums, ...innerFields]) names.delete(name);
  told.push(...[...names].map(fieldWord));
  return told.length > 0 ? `Invoice changed: ${told.join(", ")}` : "How payments are known changed";
}

function tellers({ reader, currency, names }: Telling) {
  return {
    money: (amount: number) => moneyText({ amount, currency }, reader.locale),
    /** Without the year while it is the present one. */
    day(date: string | null) {
      if (date === null) return "no date";
      const isThisYear = date.slice(0, 4) === reader.today.slice(0, 4);
      return timeText(date, isThisYear ? "day" : "date", reader);
    },
    who: (author: string | undefined) => (author ? (names[author] ?? author) : "The supplier"),
  };
}

/** Who or what made it happen, for the small line below the sentence. */
export function sourceOf(event: LedgerEvent, telling: Telling): string {
  const by = makerOf(event, telling);
  if (!event.type.startsWith("dispute.")) return by;
  const { data } = event;
  if ("dispute" in data) return `${by}, ${data.dispute.number}`;
  return "number" in data ? `${by}, ${data.number}` : by;
}

function makerOf({ source, data, type }: LedgerEvent, { names }: Telling): string {
  if ("outboxId" in data) {
    return "connection" in data
      ? `Write-back to ${names[data.connection] ?? data.connection}`
      : "Mail";
  }
  switch (source.kind) {
    case "connection": {
      const name = names[source.connection] ?? source.connection;
      return source.delivery === undefined ? name : `${name}, delivery ${source.delivery}`;
    }
    case "user":
      return "author" in data && data.author ? `Portal, ${data.author}` : "Portal";
    case "scheduler":
      return type === "invoice.overdue" ? "Rule: the day after the due date" : "Rule";
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
  paid: "amount paid",
  credited: "amount credited",
  otherwise: "amount settled otherwise",
  payments: "details of payments",
  credits: "details of credits",
  currency: "currency",
  overdueFor: "overdue mark",
};
const sums = ["total", "paid", "credited", "otherwise", "due"] as const;
/** How sums came about is no news of its own. */
const innerFields = new Set(["inferred", "unbooked"]);

function fieldWord(field: string): string {
  return fieldWords[field] ?? field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function because(reason: string | undefined): string {
  return reason ? `: ${reason}` : "";
}
