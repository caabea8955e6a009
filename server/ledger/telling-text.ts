import { canonicalJson, type Json } from "#server/domain/canonical-json.ts";
import type { InvoiceSnapshot, Line } from "#server/domain/change.ts";
import { sha256Of } from "#server/domain/sha256.ts";

/** Longer values are kept as their digest: they decide nothing but whether two tellings differ. */
const mostLetters = 100;

/**
 * Canonical JSON of all that a snapshot says of its invoice, without when and how it was told. Of two
 * tellings that nothing else orders the greater text wins, in whatever order they came.
 */
export function wholeOf(invoice: InvoiceSnapshot): string {
  const { customer, total, paid, credited, due } = invoice;
  return canonicalJson({
    number: invoice.number,
    externalId: invoice.externalId,
    customer: customer?.externalId ?? customer?.name,
    state: invoice.state,
    status: invoice.status,
    overdue: invoice.overdue,
    currency: invoice.currency ?? total?.currency,
    total: total?.amount,
    paid: paid?.amount,
    credited: credited?.amount,
    due: due?.amount,
    balanceBy: invoice.balanceBy,
    issuedOn: invoice.issuedOn,
    dueOn: invoice.dueOn,
    paymentIds: short(invoice.paymentIds?.toSorted()),
    creditIds: short(invoice.creditIds?.toSorted()),
    references: short(invoice.references),
    lines: short(invoice.lines && JSON.stringify(invoice.lines.map(valuesOf))),
    description: short(invoice.description),
    payUrl: short(invoice.payUrl),
    documentRef: short(invoice.documentRef),
  });
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
