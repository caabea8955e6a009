import { isSameJson } from "#domain/canonical-json.ts";
import { type Draft, supplierChain } from "#domain/event.ts";
import { InvoiceView, type Settlement } from "#domain/invoice.ts";
import type { Occurred } from "#domain/time.ts";
import { creditDrafts, moneyDrafts } from "./derive-money.ts";
import { withRunningSums } from "./money-effects.ts";
import { applyEvent } from "./view.ts";

export interface Derivation {
  invoice: string;
  before: InvoiceView | null;
  after: InvoiceView;
  /** When the system said what made the difference. */
  occurredAt: Occurred;
  /** When the invoice was issued, if what made it known was something later. */
  issuedAt?: Occurred | undefined;
  /** Refunds that a system says failed, as `connection id`. */
  failedRefunds: string[];
}

/**
 * The events that lead from one view of an invoice to the next: the one set of rules for all
 * connectors. Folding them over `before` gives `after` exactly; what no rule explains is named by
 * an `invoice.updated` at the end.
 */
export function derive(derivation: Derivation): Draft[] {
  const { invoice, before, after, occurredAt, issuedAt, failedRefunds } = derivation;
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
    add({
      type: "invoice.issued",
      data: { invoice: atIssue(after) },
      ...at(issuedAt ?? occurredAt),
    });
  } else {
    for (const draft of ownership(before, after, { ...place, occurredAt })) add(draft);
    if (before.currency !== after.currency) {
      const { currency, total, paid } = before;
      const data = { from: { currency, total, paid }, invoice: atIssue(after) };
      add({ type: "invoice.reissued", data, ...at(occurredAt) });
    }
  }
  const known = view ?? after;
  // A later due date clears overdue, in the same event that names the date.
  const names = after.overdueFor === null ? [...namedFields, "overdueFor" as const] : namedFields;
  const fields = difference(known, after, names);
  if (fields) add({ type: "invoice.updated", data: fields, ...at(occurredAt) });
  const settlement = settlementOf(after);
  const money = { known, after, settlement, toldAt: occurredAt, failedRefunds };
  const told = withRunningSums([...creditDrafts(money), ...moneyDrafts(money)], { known, after });
  for (const { occurredAt: when, ...draft } of told) add({ ...draft, ...at(when) });
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
  "otherwise",
  "payments",
  "credits",
];

/** The invoice as it was sent out: what was paid or credited since has events of its own. */
function atIssue(view: InvoiceView): InvoiceView {
  const state = "issued" as const;
  const nothingYet = { paid: 0, credited: 0, due: view.total, inferred: 0, unbooked: 0 };
  const issued = { ...nothingYet, state, overdueFor: null, payments: [], credits: [] };
  if (view.otherwise === undefined) return { ...view, ...issued };
  const { otherwise: _later, ...told } = view;
  return { ...told, ...issued };
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
    const kept = { ...before, owner, externalId, customerRecord, customerName };
    drafts.push({
      type: "invoice.moved_in",
      // Through the schema: a replay reads its fields in that order.
      data: { invoice: InvoiceView.parse(kept) },
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

function stateChange(known: InvoiceView, after: InvoiceView) {
  if (known.state === after.state) return null;
  if (after.state === "void") return "invoice.voided";
  if (after.state === "written_off") return "invoice.written_off";
  return after.state === "issued" && known.state === "void" ? "invoice.unvoided" : null;
}

function difference(before: InvoiceView, after: InvoiceView, names: FieldNames) {
  const differing = names.filter((name) => !isSameJson(before[name], after[name]));
  if (differing.length === 0) return null;
  const pick = (view: InvoiceView) =>
    Object.fromEntries(differing.map((name) => [name, view[name]])) as Partial<InvoiceView>;
  return { before: pick(before), after: pick(after) };
}

function settlementOf(view: InvoiceView): Settlement {
  const { total, paid, credited, due, inferred, unbooked, otherwise } = view;
  const told = { total, paid, credited, due, inferred, unbooked };
  return otherwise === undefined ? told : { ...told, otherwise };
}
