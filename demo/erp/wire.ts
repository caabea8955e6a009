import { balanceOf, statusOn, type Invoice } from "./invoice.ts";
import { toDecimal } from "./money.ts";

/** The invoice as the portal's generic connector reads it: decimal strings in major units. */
export function toWire(invoice: Invoice, day: string) {
  const { currency, references, poNumber } = invoice;
  const decimal = (minor: number) => toDecimal(minor, currency);
  return {
    number: invoice.number,
    externalId: invoice.id,
    customer: { ...invoice.customer, email: invoice.customer.email ?? undefined },
    currency,
    total: decimal(invoice.total),
    paid: decimal(invoice.paid),
    credited: decimal(invoice.credited),
    balance: decimal(balanceOf(invoice)),
    issuedOn: invoice.issuedOn,
    dueOn: invoice.dueOn,
    status: statusOn(invoice, day),
    version: invoice.version,
    updatedAt: invoice.updatedAt,
    poNumber: poNumber ?? undefined,
    description: invoice.description,
    references,
    lines: invoice.lines.map((line) => ({
      ...line,
      unitPrice: decimal(line.unitPrice),
      net: decimal(line.net),
      total: decimal(line.total),
    })),
  };
}

/** As `toWire`, with its payments and credits: what the portal fetches has to tell the whole. */
export function toFullWire(invoice: Invoice, day: string) {
  return {
    ...toWire(invoice, day),
    payments: invoice.payments
      .filter(({ stage }) => stage === "received")
      .map((payment) => toWirePayment(payment, invoice.currency)),
    adjustments: invoice.credits.map((credit) => toWireAdjustment(credit, invoice.currency)),
  };
}

/** One payment for the portal. */
export function toWirePayment(payment: Invoice["payments"][number], currency: string) {
  const { id, at, method, reference } = payment;
  const amount = toDecimal(payment.amount, currency);
  return { id, amount, currency, at, method, reference: reference ?? undefined };
}

/** One credit note or discount for the portal. */
export function toWireAdjustment(credit: Invoice["credits"][number], currency: string) {
  const { id, kind, at, reason } = credit;
  return { id, kind, amount: toDecimal(credit.amount, currency), currency, at, reason };
}
