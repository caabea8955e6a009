import type { Change, InvoiceRef, InvoiceSnapshot, Line } from "#domain/change.ts";
import { Reference } from "#domain/change.ts";
import type { Money } from "#domain/money.ts";
import type { Occurred } from "#domain/time.ts";
import { clip } from "#domain/text.ts";
import { RequestError } from "#server/errors.ts";
import { lineAmount } from "#server/connectors/kit/rounded-amount.ts";
import { moneyIn, requireMoney } from "./amounts.ts";
import { balanceByOf, rankOf, type ToldType } from "./event-kinds.ts";
import type { WireAdjustment, WireInvoice, WireLine, WirePayment } from "./wire.ts";

/** What every change of one telling shares. */
export interface About {
  invoice: InvoiceRef;
  version: number | string;
  /** When the system said so; undefined where it tells only a revision. */
  toldAt: string | undefined;
}

/** The version, in this order: the integer, when it was updated, when the event happened. */
export function aboutOf(invoice: WireInvoice, happenedAt: string | undefined): About {
  const toldAt = happenedAt ?? invoice.updatedAt ?? undefined;
  const version = invoice.version ?? invoice.updatedAt ?? happenedAt;
  if (version === undefined || version === null) {
    throw new RequestError(422, "invoice: neither version nor updatedAt is told");
  }
  const ref = { externalId: invoice.externalId ?? undefined, number: invoice.number };
  return { invoice: ref, version, toldAt };
}

/** The invoice as told. `type` decides the state where the status is silent. */
export function toSnapshot(
  invoice: WireInvoice,
  { invoice: ref, version, toldAt }: About,
  type?: ToldType,
): InvoiceSnapshot {
  const { currency } = invoice;
  const money = (name: "total" | "paid" | "credited" | "balance") =>
    moneyIn({
      name: `invoice.${name}`,
      decimal: invoice[name],
      minor: invoice[`${name}Minor`],
      currency,
      ...(name === "balance" && { mayBeNegative: true }),
    });
  // Written out, not spread: this runs before a sender is answered.
  return {
    externalId: ref.externalId,
    number: ref.number,
    version,
    toldAt,
    rank: type && rankOf(type),
    customer: customerIn(invoice),
    state: stateOf(invoice.status ?? undefined, type),
    overdue: invoice.status === "overdue" || type === "invoice.overdue" ? true : undefined,
    currency,
    total: money("total"),
    paid: money("paid"),
    credited: money("credited"),
    ...balanceIn(invoice, { due: money("balance"), type, currency }),
    status: statusOf(invoice.status),
    issuedOn: invoice.issuedOn ?? undefined,
    dueOn: invoice.dueOn ?? undefined,
    references: referencesIn(invoice),
    lines: invoice.lines?.map((line, at) => toLine(line, at, currency)),
    description: clipped(invoice.description, 500),
    payUrl: invoice.url ?? undefined,
    documentRef: invoice.documentRef ?? undefined,
  };
}

/** A payment or refund of the invoice, named `name` in the body. */
export function toPayment(
  payment: WirePayment,
  about: About,
  told: {
    name: string;
    stage: "pending" | "received" | "failed" | "refunded" | "reversed";
    currency: string;
  },
): Change {
  const currency = payment.currency ?? told.currency;
  const { amount: decimal, amountMinor: minor } = payment;
  return {
    kind: "payment",
    ...about,
    paymentId: payment.id,
    stage: told.stage,
    amount: requireMoney({ name: `${told.name}.amount`, decimal, minor, currency }),
    reference: payment.reference ?? undefined,
    method: payment.method ?? undefined,
    reason: payment.reason ?? undefined,
    occurredAt: occurred(payment.at, about, told.name),
  };
}

/** A credit note or discount of the invoice, named `name` in the body. */
export function toCredit(
  adjustment: WireAdjustment,
  about: About,
  told: { name: string; currency: string },
): Change {
  const currency = adjustment.currency ?? told.currency;
  const { amount: decimal, amountMinor: minor } = adjustment;
  return {
    kind: "credit",
    ...about,
    creditId: adjustment.id,
    type: adjustment.kind ?? "credit_note",
    amount: requireMoney({ name: `${told.name}.amount`, decimal, minor, currency }),
    voided: adjustment.voided ?? undefined,
    reason: adjustment.reason ?? undefined,
    occurredAt: occurred(adjustment.at, about, told.name),
  };
}

/** A fetched invoice with its payments and adjustments. */
export function toChanges(invoice: WireInvoice): Change[] {
  const about = aboutOf(invoice, undefined);
  const { currency } = invoice;
  return [
    { kind: "invoice", invoice: toSnapshot(invoice, about) },
    ...(invoice.payments ?? []).map((payment, at) => {
      const stage = payment.stage ?? "received";
      return toPayment(payment, about, { name: `payments.${at}`, stage, currency });
    }),
    ...(invoice.adjustments ?? []).map((adjustment, at) =>
      toCredit(adjustment, about, { name: `adjustments.${at}`, currency }),
    ),
  ];
}

/** When something happened: as told with it, else when the event was. Throws 422 when neither is told. */
export function occurred(at: string | null | undefined, { toldAt }: About, name: string): Occurred {
  const told = at ?? toldAt;
  if (told !== undefined) return told;
  throw new RequestError(422, `${name}.at: is missing`, {
    fields: { [`${name}.at`]: "is missing" },
  });
}

interface Balance {
  due: Money | undefined;
  type: ToldType | undefined;
  currency: string;
}

/**
 * The balance and what lowered it. "paid" without amounts means that nothing is left to pay, and that
 * it was paid: the system calls it so.
 */
function balanceIn(invoice: WireInvoice, { due, type, currency }: Balance) {
  const isPaid = invoice.status === "paid";
  const isSummed = (due ?? invoice.paid ?? invoice.paidMinor ?? null) !== null;
  const told = isPaid && !isSummed ? { amount: 0, currency } : due;
  const balanceBy = (type && balanceByOf(type)) ?? (isPaid && !isSummed ? "payment" : undefined);
  return { due: told, balanceBy: told && balanceBy };
}

function statusOf(status: WireInvoice["status"]): InvoiceSnapshot["status"] {
  const isState = status === "draft" || status === "void" || status === "written_off";
  return isState ? undefined : (status ?? undefined);
}

/** Only what people decide is told by the status; paid and overdue follow from amounts and dates. */
function stateOf(status: WireInvoice["status"], type?: ToldType): InvoiceSnapshot["state"] {
  if (type === "invoice.voided") return "void";
  if (type === "invoice.written_off") return "written_off";
  if (status === "draft" || status === "void" || status === "written_off") return status;
  if (status) return "issued";
  return type === "invoice.issued" || type === "invoice.unvoided" ? "issued" : undefined;
}

function customerIn({ customer }: WireInvoice): InvoiceSnapshot["customer"] {
  if (!customer) return undefined;
  const { id, name, email } = customer;
  return {
    externalId: id ?? undefined,
    name: name?.trim() || undefined,
    email: email?.trim() || undefined,
  };
}

function referencesIn({ poNumber, references }: WireInvoice): Reference[] | undefined {
  if (!references && !poNumber) return undefined;
  const told = (references ?? []).map(({ kind, value }): Reference => {
    const known = Reference.shape.kind.safeParse(kind);
    return { kind: known.success ? known.data : "other", value };
  });
  const isTold = told.some(({ kind, value }) => kind === "po" && value === poNumber);
  return poNumber && !isTold ? [{ kind: "po", value: poNumber }, ...told] : told;
}

function clipped(text: string | null | undefined, length: number): string | undefined {
  return typeof text === "string" ? clip(text, length) : undefined;
}

function toLine(line: WireLine, at: number, currency: string): Line {
  const amount = (name: "net" | "tax" | "total") =>
    line[`${name}Minor`] ?? lineAmount(line[name], currency);
  return {
    id: line.id ?? String(at + 1),
    description: clip(line.description ?? "", 1000),
    quantity: line.quantity ?? undefined,
    unit: clipped(line.unit, 40),
    unitPrice: line.unitPrice ?? undefined,
    taxRate: clipped(line.taxRate, 20),
    net: amount("net"),
    tax: amount("tax"),
    total: amount("total"),
  };
}
