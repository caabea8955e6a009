import type { Line } from "#server/domain/change.ts";
import type { Draft } from "#server/domain/event.ts";
import type { InvoiceView, Payment } from "#server/domain/invoice.ts";
import type { Facts, FieldName, FieldValues } from "./facts.ts";
import { settle } from "./settle.ts";

/**
 * The invoice that all tellings together describe; null while it is a draft or nobody has said whose
 * it is, in which currency and over how much. A field comes from the owner, else from whoever told it.
 */
export function viewOf(facts: Facts): InvoiceView | null {
  const read = reader(facts);
  const customerRecord = read("customerRecord");
  const currency = read("currency");
  const number = read("number") ?? read("externalId");
  const sources = Object.values(facts.sources);
  const hasTotal = sources.some((source) => source.money.some((told) => told.total !== undefined));
  if (!customerRecord || !currency || !number || !hasTotal) return null;
  const dueOn = read("dueOn") ?? null;
  const { total, paid, credited, due, inferred, unbooked, payments, credits } = settle(facts);
  // In the schema's order, as it is read from an event again: a replay gives the same text. Written
  // out, because an object that begins as a copy of another costs ten times as much.
  return {
    total,
    paid,
    credited,
    due,
    inferred,
    unbooked,
    owner: facts.owner,
    externalId: facts.sources[facts.owner]?.fields.externalId?.value ?? null,
    number,
    customerRecord,
    customerName: read("customerName") ?? number,
    state: read("state") ?? "issued",
    currency,
    issuedOn: read("issuedOn") ?? null,
    dueOn,
    overdueFor: isOverdueFor(facts, dueOn) ? dueOn : null,
    description: read("description") ?? null,
    payUrl: read("payUrl") ?? null,
    documentRef: read("documentRef") ?? null,
    references: (read("references") ?? []).map(({ kind, value }) => ({ kind, value })),
    lines: (read("lines") ?? []).map(shownLine),
    payments,
    credits,
  };
}

function shownLine(line: Line): Line {
  const { id, description, quantity, unit, unitPrice, taxRate, net, tax, total } = line;
  return { id, description, quantity, unit, unitPrice, taxRate, net, tax, total };
}

/** Gives what the owner told of a field, else what another connection did, in their order. */
function reader(facts: Facts) {
  const others = Object.keys(facts.sources).filter((connection) => connection !== facts.owner);
  const sources = [facts.owner, ...others.sort()].map((connection) => facts.sources[connection]);
  return <Name extends FieldName>(name: Name): FieldValues[Name] | undefined => {
    for (const source of sources) {
      const told: { value: FieldValues[Name] } | undefined = source?.fields[name];
      if (told) return told.value;
    }
    return undefined;
  };
}

function isOverdueFor(facts: Facts, dueOn: string | null): boolean {
  return Object.values(facts.sources).some(
    (source) => source.overdueFor.includes(dueOn ?? "") || source.overdueFor.includes(""),
  );
}

/** The view after one more event: how projections and rebuilds read the ledger. */
export function applyEvent(view: InvoiceView | null, event: Draft): InvoiceView | null {
  if (event.type === "invoice.issued" || event.type === "invoice.moved_in") {
    return event.data.invoice;
  }
  if (view === null) return null;
  switch (event.type) {
    case "invoice.updated":
      return Object.assign({}, view, event.data.after);
    case "invoice.adjusted": {
      const { credit } = event.data;
      const others = view.credits.filter(
        (known) => known.id !== credit?.id || known.connection !== credit.connection,
      );
      const credits = credit ? sorted([...others, credit]) : view.credits;
      return { ...view, ...event.data.settlement, credits };
    }
    case "invoice.overdue":
      return { ...view, overdueFor: event.data.dueOn };
    case "invoice.voided":
      return { ...view, ...event.data.settlement, state: "void" };
    case "invoice.unvoided":
      return { ...view, ...event.data.settlement, state: "issued" };
    case "invoice.written_off":
      return { ...view, ...event.data.settlement, state: "written_off" };
    case "invoice.owner_changed":
      return { ...view, owner: event.data.to, externalId: event.data.externalId };
    case "payment.pending":
    case "payment.received":
    case "payment.failed":
    case "payment.refunded":
    case "payment.reversed": {
      const { payment, settlement } = event.data;
      const payments = payment ? withPayment(view.payments, payment) : view.payments;
      return { ...view, ...settlement, payments };
    }
    default:
      return view;
  }
}

/** One entry for each payment: a later stage of the same one takes its place. */
function withPayment(payments: Payment[], payment: Payment): Payment[] {
  return sorted([...payments.filter((known) => !isSamePayment(known, payment)), payment]);
}

export function isSamePayment(a: Payment, b: Payment): boolean {
  const isRefund = (payment: Payment) => payment.stage === "refunded";
  return a.id === b.id && a.connection === b.connection && isRefund(a) === isRefund(b);
}

function sorted<T extends { occurredAt: string; id: string }>(items: T[]): T[] {
  return items.sort((a, b) => {
    if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  });
}
