import type { Line } from "#domain/change.ts";
import type { Draft } from "#domain/event.ts";
import type { InvoiceView, Payment, Settlement } from "#domain/invoice.ts";
import {
  compareVersions,
  type Facts,
  type FieldName,
  type FieldValues,
  type OverdueTold,
  type SourceFacts,
  toldLast,
} from "./facts.ts";
import { currencyOf } from "./currency-told.ts";
import { settle } from "./settle.ts";

/**
 * The invoice that all tellings together describe; null while it is a draft or nobody has said whose
 * it is, in which currency and over how much. A field comes from the owner, else from whoever told it.
 */
export function viewOf(facts: Facts): InvoiceView | null {
  const read = reader(facts);
  const customerRecord = read("customerRecord");
  const currency = currencyOf(facts);
  const number = read("number") ?? read("externalId");
  const sources = Object.values(facts.sources);
  const hasTotal = sources.some((source) =>
    source.tellings.some(({ sums }) => sums?.total !== undefined),
  );
  if (!customerRecord || !currency || !number || !hasTotal) return null;
  const dueOn = read("dueOn") ?? null;
  const { payments, credits, ...settled } = settle(facts, currency);
  const { total, paid, credited, due, inferred, unbooked, otherwise } = settled;
  // In the schema's order, as it is read from an event again: a replay gives the same text. Written
  // out, because an object that begins as a copy of another costs ten times as much.
  return {
    total,
    paid,
    credited,
    due,
    inferred,
    unbooked,
    ...(otherwise !== undefined && { otherwise }),
    owner: facts.owner,
    externalId: read("externalId", [facts.owner]) ?? null,
    number,
    customerRecord,
    customerName: read("customerName") ?? read("customerKey") ?? number,
    state: read("state") ?? "issued",
    currency,
    issuedOn: read("issuedOn") ?? null,
    dueOn,
    overdueFor: isOverdueFor(facts, dueOn) ? dueOn : null,
    description: read("description") ?? null,
    payUrl: read("payUrl", payable(facts)) ?? null,
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
  const inOrder = [facts.owner, ...others.sort()];
  return <Name extends FieldName>(
    name: Name,
    connections: readonly string[] = inOrder,
  ): FieldValues[Name] | undefined => {
    for (const connection of inOrder) {
      const source = facts.sources[connection];
      if (!source || !connections.includes(connection)) continue;
      const told = toldLast(source, name);
      if (told) return told.value;
    }
    return undefined;
  };
}

/** Who may say where to pay: not a processor that has voided its own invoice. */
function payable({ sources }: Facts): string[] {
  return Object.entries(sources)
    .filter(([, source]) => toldLast(source, "state")?.value !== "void")
    .map(([connection]) => connection);
}

function isOverdueFor({ sources, owner }: Facts, dueOn: string | null): boolean {
  return Object.values(sources).some((source) =>
    source.overdue.some((told) => {
      const date = told.dueOn ?? dueOnAt(source, told) ?? dueOnAt(sources[owner], told);
      return date === undefined || date === (dueOn ?? "");
    }),
  );
}

/** The due date that a source knew when it said overdue without one; else the first that it told. */
function dueOnAt(source: SourceFacts | undefined, told: OverdueTold): string | undefined {
  const dated = source?.tellings.filter(({ fields }) => fields.dueOn !== undefined) ?? [];
  const then = dated.findLast((telling) => compareVersions(telling, told) <= 0) ?? dated[0];
  return then?.fields.dueOn;
}

/** The view after one more event: how projections and rebuilds read the ledger. */
export function applyEvent(view: InvoiceView | null, event: Draft): InvoiceView | null {
  if (event.type === "invoice.issued" || event.type === "invoice.moved_in") {
    return event.data.invoice;
  }
  if (event.type === "invoice.reissued") return event.data.invoice;
  if (view === null) return null;
  switch (event.type) {
    case "invoice.updated":
      return updated(view, event.data);
    case "invoice.adjusted": {
      const { credit } = event.data;
      const others = view.credits.filter(
        (known) => known.id !== credit?.id || known.connection !== credit.connection,
      );
      const credits = credit ? sorted([...others, credit]) : view.credits;
      return { ...settledBy(view, event.data.settlement), credits };
    }
    case "invoice.settled":
      return settledBy(view, event.data.settlement);
    case "invoice.overdue":
      return { ...view, overdueFor: event.data.dueOn };
    case "invoice.voided":
      return { ...settledBy(view, event.data.settlement), state: "void" };
    case "invoice.unvoided":
      return { ...settledBy(view, event.data.settlement), state: "issued" };
    case "invoice.written_off":
      return { ...settledBy(view, event.data.settlement), state: "written_off" };
    case "invoice.owner_changed":
      return { ...view, owner: event.data.to, externalId: event.data.externalId };
    default:
      return event.type.startsWith("payment.") ? applyPayment(view, event) : view;
  }
}

function applyPayment(view: InvoiceView, event: Draft): InvoiceView {
  switch (event.type) {
    case "payment.pending":
    case "payment.received":
    case "payment.failed":
    case "payment.refunded":
    case "payment.reversed":
    case "payment.identified": {
      const { payment, settlement } = event.data;
      const payments = payment ? withPayment(view.payments, payment) : view.payments;
      return { ...settledBy(view, settlement), payments };
    }
    case "payment.booked": {
      const { payment, replaces, settlement } = event.data;
      const others = view.payments.filter(
        (known) =>
          known.connection !== replaces?.connection ||
          known.id !== replaces.id ||
          isRefund(known) !== isRefund(payment),
      );
      return { ...settledBy(view, settlement), payments: withPayment(others, payment) };
    }
    case "payment.refund_failed": {
      const { payment, settlement } = event.data;
      const payments = view.payments.filter((known) => !payment || !isSamePayment(known, payment));
      return { ...settledBy(view, settlement), payments };
    }
    default:
      return view;
  }
}

/** The view with other sums; a sum that they do not name is gone. */
function settledBy(view: InvoiceView, settlement: Settlement): InvoiceView {
  const { otherwise: _before, ...rest } = view;
  return { ...rest, ...settlement };
}

type Updated = Extract<Draft, { type: "invoice.updated" }>["data"];

function updated(view: InvoiceView, { before, after }: Updated): InvoiceView {
  const next = Object.assign({}, view, after);
  if (before.otherwise !== undefined && after.otherwise === undefined) delete next.otherwise;
  return next;
}

/** One entry for each payment: a later stage of the same one takes its place. */
function withPayment(payments: Payment[], payment: Payment): Payment[] {
  return sorted([...payments.filter((known) => !isSamePayment(known, payment)), payment]);
}

const isRefund = ({ stage }: Payment) => stage === "refunded";

export function isSamePayment(a: Payment, b: Payment): boolean {
  return a.id === b.id && a.connection === b.connection && isRefund(a) === isRefund(b);
}

function sorted<T extends { occurredAt: string; id: string }>(items: T[]): T[] {
  return items.sort((a, b) => {
    if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  });
}
