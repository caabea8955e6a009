import { isSameJson } from "#server/domain/canonical-json.ts";
import { type Draft, type EventData, supplierChain } from "#server/domain/event.ts";
import type { InvoiceView, Payment, Settlement } from "#server/domain/invoice.ts";
import type { Occurred } from "#server/domain/time.ts";
import { applyEvent, isSamePayment } from "./view.ts";

export interface Derivation {
  invoice: string;
  before: InvoiceView | null;
  after: InvoiceView;
  /** When the system said what made the difference. */
  occurredAt: Occurred;
}

/**
 * The events that lead from one view of an invoice to the next: the one set of rules for all
 * connectors. Folding them over `before` gives `after` exactly; what no rule explains is named by
 * an `invoice.updated` at the end.
 */
export function derive({ invoice, before, after, occurredAt }: Derivation): Draft[] {
  if (before === null && after.state === "draft") return [];
  const drafts: Draft[] = [];
  let view = before;
  const place = { invoice, audience: "customer" as const };
  const add = (draft: Draft) => {
    drafts.push(draft);
    view = applyEvent(view, draft);
  };
  const at = (occurred: Occurred) => ({
    ...place,
    chain: after.customerRecord,
    occurredAt: occurred,
  });

  if (before === null) {
    add({ type: "invoice.issued", data: { invoice: atIssue(after) }, ...at(occurredAt) });
  } else {
    for (const draft of ownership(before, after, { ...place, occurredAt })) add(draft);
  }
  const known = view ?? after;
  // A later due date clears overdue, in the same event that names the date.
  const names = after.overdueFor === null ? [...namedFields, "overdueFor" as const] : namedFields;
  const fields = difference(known, after, names);
  if (fields) add({ type: "invoice.updated", data: fields, ...at(occurredAt) });
  const settlement = settlementOf(after);
  const credits = changed(known.credits, after.credits, (a, b) => a.id === b.id);
  for (const [credit, old] of credits) {
    const amount = (credit.voided ? 0 : credit.amount) - (old && !old.voided ? old.amount : 0);
    const data = { credit, amount, settlement };
    add({ type: "invoice.adjusted", data, ...at(whenOf(credit, old, occurredAt)) });
  }
  const payments = changed(known.payments, after.payments, isSamePayment).filter(
    ([payment, old]) => payment.stage !== old?.stage || payment.amount !== old.amount,
  );
  for (const [payment, old] of payments) {
    const data = { payment, amount: payment.amount, settlement };
    const when = at(whenOf(payment, old, occurredAt));
    add({ type: `payment.${payment.stage}`, data, ...when });
  }
  const sums = { known, after, isItemised: payments.length > 0, isCredited: credits.length > 0 };
  for (const draft of toldSums(sums)) add({ ...draft, ...at(occurredAt) });
  const state = stateChange(known, after);
  if (state) add({ type: state, data: { settlement }, ...at(occurredAt) });
  if (after.overdueFor !== null && after.overdueFor !== known.overdueFor) {
    const data = { dueOn: after.overdueFor, due: after.due };
    add({ type: "invoice.overdue", data, ...at(occurredAt) });
  }
  const rest = view ? difference(view, after, allFields) : null;
  if (rest) add({ type: "invoice.updated", data: rest, ...at(occurredAt) });
  return drafts;
}

/** What was only taken back or changed, without a time of its own, happened when it was told. */
function whenOf(
  item: { occurredAt: Occurred },
  old: { occurredAt: Occurred } | undefined,
  toldAt: Occurred,
): Occurred {
  return item.occurredAt === old?.occurredAt ? toldAt : item.occurredAt;
}

type FieldNames = readonly (keyof InvoiceView)[];
const namedFields: FieldNames = [
  "number",
  "customerName",
  "currency",
  "total",
  "issuedOn",
  "dueOn",
  "description",
  "payUrl",
  "documentRef",
  "references",
  "lines",
  "externalId",
];
const allFields: FieldNames = [
  ...namedFields,
  "state",
  "overdueFor",
  "paid",
  "credited",
  "due",
  "inferred",
  "unbooked",
  "payments",
  "credits",
];

/** The invoice as it was sent out: what was paid or credited since has events of its own. */
function atIssue(view: InvoiceView): InvoiceView {
  const state = "issued" as const;
  const nothingYet = { paid: 0, credited: 0, due: view.total, inferred: 0, unbooked: 0 };
  return { ...view, ...nothingYet, state, overdueFor: null, payments: [], credits: [] };
}

type Place = { invoice: string; audience: "customer"; occurredAt: Occurred };

/** A new owner of totals and status, and with it perhaps another customer record's chain. */
function ownership(before: InvoiceView, after: InvoiceView, place: Place): Draft[] {
  const drafts: Draft[] = [];
  if (before.owner !== after.owner) {
    const data = { from: before.owner, to: after.owner, externalId: after.externalId };
    drafts.push({ type: "invoice.owner_changed", data, chain: before.customerRecord, ...place });
  }
  if (before.customerRecord !== after.customerRecord) {
    const moved = { number: before.number };
    drafts.push({ type: "invoice.moved_out", data: moved, chain: before.customerRecord, ...place });
    const { owner, externalId, customerRecord, customerName } = after;
    const invoice = { ...before, owner, externalId, customerRecord, customerName };
    drafts.push({
      type: "invoice.moved_in",
      data: { invoice },
      chain: after.customerRecord,
      ...place,
    });
    drafts.push(movedForFinance(before, after, place));
  }
  return drafts;
}

/** Which customer records an invoice moved between is the supplier's to know, not its customers'. */
function movedForFinance(before: InvoiceView, after: InvoiceView, place: Place): Draft {
  const details = { number: before.number, from: before.customerRecord, to: after.customerRecord };
  return {
    type: "audit.recorded",
    data: { action: "invoice_moved", subject: place.invoice, details },
    ...{ ...place, chain: supplierChain, audience: "supplier" },
  };
}

interface Sums {
  known: InvoiceView;
  after: InvoiceView;
  isItemised: boolean;
  isCredited: boolean;
}

/** Money that was told only as a sum: marked inferred, so that an itemised payment can name it later. */
function toldSums({ known, after, isItemised, isCredited }: Sums): PlainDraft[] {
  const settlement = settlementOf(after);
  const inferred = after.inferred - known.inferred;
  const paid = after.paid - known.paid;
  if (inferred > 0) {
    return [{ type: "payment.received", data: { payment: null, amount: inferred, settlement } }];
  }
  if (inferred < 0 && paid < 0 && !isItemised && !isCredited) {
    return [{ type: "payment.reversed", data: { payment: null, amount: -inferred, settlement } }];
  }
  const credited = after.credited - known.credited;
  if (credited === 0 || isCredited) return [];
  return [{ type: "invoice.adjusted", data: { credit: null, amount: credited, settlement } }];
}

type PlainDraft =
  | { type: "payment.received" | "payment.reversed"; data: EventData<"payment.received"> }
  | { type: "invoice.adjusted"; data: EventData<"invoice.adjusted"> };

function stateChange(known: InvoiceView, after: InvoiceView) {
  if (known.state === after.state) return null;
  if (after.state === "void") return "invoice.voided";
  if (after.state === "written_off") return "invoice.written_off";
  return after.state === "issued" && known.state === "void" ? "invoice.unvoided" : null;
}

/** Items that are new or differ, each with what was known of it. */
function changed<T extends Payment | InvoiceView["credits"][number]>(
  known: T[],
  after: T[],
  isSame: (a: T, b: T) => boolean,
): [T, T | undefined][] {
  const pairs = after.map((item): [T, T | undefined] => [
    item,
    known.find((other) => other.connection === item.connection && isSame(other, item)),
  ]);
  return pairs.filter(([item, old]) => !old || !isSameJson({ ...item }, { ...old }));
}

function difference(before: InvoiceView, after: InvoiceView, names: FieldNames) {
  const differing = names.filter((name) => !isSameJson(before[name], after[name]));
  if (differing.length === 0) return null;
  const pick = (view: InvoiceView) =>
    Object.fromEntries(differing.map((name) => [name, view[name]])) as Partial<InvoiceView>;
  return { before: pick(before), after: pick(after) };
}

function settlementOf(view: InvoiceView): Settlement {
  const { total, paid, credited, due, inferred, unbooked } = view;
  return { total, paid, credited, due, inferred, unbooked };
}
