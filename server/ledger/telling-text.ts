import { canonicalJson, type Json } from "#domain/canonical-json.ts";
import type { InvoiceSnapshot, Line } from "#domain/change.ts";
import { sha256Of } from "#domain/sha256.ts";

/** By field; a field that was not told is missing or undefined. */
export type Whole = Record<string, string | number | boolean | undefined>;

/** Longer values are kept as their digest: they decide nothing but whether two tellings differ. */
const mostLetters = 100;

/**
 * All that a snapshot says of its invoice, without when and how it was told. Its names stand in order, so
 * that `JSON.stringify` gives its canonical text.
 */
export function wholeOf(invoice: InvoiceSnapshot): Whole {
  const { customer, total, paid, credited, due } = invoice;
  return {
    balanceBy: invoice.balanceBy,
    creditIds: short(invoice.creditIds?.toSorted()),
    credited: credited?.amount,
    currency: invoice.currency ?? total?.currency,
    customer: customer?.externalId ?? customer?.name,
    description: short(invoice.description),
    documentRef: short(invoice.documentRef),
    due: due?.amount,
    dueOn: invoice.dueOn,
    externalId: invoice.externalId,
    issuedOn: invoice.issuedOn,
    lines: short(invoice.lines && JSON.stringify(invoice.lines.map(valuesOf))),
    number: invoice.number,
    overdue: invoice.overdue,
    paid: paid?.amount,
    payUrl: short(invoice.payUrl),
    paymentIds: short(invoice.paymentIds?.toSorted()),
    references: short(invoice.references),
    state: invoice.state,
    status: invoice.status,
    total: total?.amount,
  };
}

/** Of two tellings that nothing else orders the greater text wins, in whatever order they came. */
export function textOf({ whole }: { whole: Whole }): string {
  return JSON.stringify(whole);
}

/** Without their names, which would have to be sorted: this is written for every telling. */
function valuesOf(line: Line): unknown[] {
  const { id, description, quantity, unit, unitPrice, taxRate, net, tax, total } = line;
  return [id, description, quantity, unit, unitPrice, taxRate, net, tax, total];
}

function short(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : canonicalJson(value);
  return text.length > mostLetters ? sha256Of("", text) : text;
}
