import type { Change, InvoiceSnapshot, Line, Reference } from "#domain/change.ts";
import { isCurrency } from "#domain/currency.ts";
import { fromDecimal, type Money } from "#domain/money.ts";
import type { Instant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { clip } from "#domain/text.ts";
import { lineAmount } from "#server/connectors/kit/rounded-amount.ts";
import { appliedBy } from "./applied.ts";
import type { QboCreditMemo, QboInvoice, QboLine, QboPayment } from "./objects.ts";

/** An invoice with all that was applied to it. */
export interface Reading {
  invoice: QboInvoice;
  payments: { payment: QboPayment; creditMemos: QboCreditMemo[] }[];
}

export interface ReadSettings {
  /** For companies that use one currency and do not name it. */
  homeCurrency?: string | undefined;
  /** Id or name of the item that bad debts are booked on. */
  writeOffItem?: string | undefined;
}

/** The invoice's snapshot, then its payments and credits. Throws RequestError 422 on what cannot be read. */
export function toChanges(reading: Reading, settings: ReadSettings): Change[] {
  const { invoice, payments } = reading;
  const currency = currencyOf(invoice, settings);
  const about = {
    invoice: { externalId: invoice.Id },
    // As of this reading: a payment that was edited since has a later time than the balance it is in.
    version: versionOf(invoice),
    toldAt: invoice.MetaData.LastUpdatedTime,
  };
  const items = payments.flatMap(({ payment, creditMemos }): (PaymentChange | CreditChange)[] => {
    const applied = appliedBy(payment, currency).find((part) => part.invoice === invoice.Id);
    if (!applied) return [];
    const occurredAt = payment.TxnDate ?? payment.MetaData.LastUpdatedTime;
    const { money, credit } = applied;
    return [
      ...moneyIn(payment, { ...about, amount: { amount: money, currency }, occurredAt }),
      ...creditIn(
        { id: payment.Id, creditMemos },
        { ...about, amount: { amount: credit, currency }, occurredAt },
      ),
    ];
  });
  const snapshot = toSnapshot(reading, { currency, settings });
  return [{ kind: "invoice", invoice: { ...snapshot, ...listOf(items, currency) } }, ...items];
}

/** All that was applied: what was told before and is not among it was taken back. */
function listOf(items: (PaymentChange | CreditChange)[], currency: string) {
  const credits = items.filter((item) => item.kind === "credit");
  return {
    credited: { amount: credits.reduce((sum, { amount }) => sum + amount.amount, 0), currency },
    paymentIds: items.flatMap((item) => (item.kind === "payment" ? [item.paymentId] : [])),
    creditIds: credits.map(({ creditId }) => creditId),
  };
}

/** SyncToken first, then the second of the last change: a balance may change without the former. */
export function versionOf({ SyncToken, MetaData }: QboInvoice): number {
  const seconds = Math.floor(Date.parse(MetaData.LastUpdatedTime) / 1000);
  return Number(SyncToken) * 10_000_000_000 + seconds;
}

/** What is left to say of an invoice that was deleted: QuickBooks takes everything off it before. */
export function deletedInvoice(id: string, at: Instant, account?: string): Change {
  const invoice = {
    ...{ externalId: id, ...(account !== undefined && { account }) },
    ...{ version: at, state: "void" as const, isGone: true, paymentIds: [], creditIds: [] },
  };
  return { kind: "invoice", invoice };
}

type PaymentChange = Extract<Change, { kind: "payment" }>;
type CreditChange = Extract<Change, { kind: "credit" }>;

interface Item {
  invoice: { externalId: string };
  version: number;
  toldAt: Instant;
  amount: Money;
  occurredAt: string;
}

function moneyIn({ Id, PaymentRefNum, PaymentMethodRef }: QboPayment, item: Item): PaymentChange[] {
  if (item.amount.amount === 0) return [];
  return [
    {
      kind: "payment",
      ...item,
      paymentId: Id,
      stage: "received",
      reference: PaymentRefNum?.trim() || undefined,
      method: PaymentMethodRef?.name?.trim() || undefined,
    },
  ];
}

function creditIn(
  { id, creditMemos }: { id: string; creditMemos: QboCreditMemo[] },
  item: Item,
): CreditChange[] {
  if (item.amount.amount === 0) return [];
  const names = creditMemos.map(({ Id, DocNumber }) => DocNumber || Id);
  const isMemo = names.length > 0;
  return [
    {
      kind: "credit",
      ...item,
      creditId: id,
      type: isMemo ? "credit_note" : "correction",
      reason: isMemo ? `Credit memo ${names.join(", ")}` : undefined,
    },
  ];
}

interface Telling {
  currency: string;
  settings: ReadSettings;
}

function toSnapshot(reading: Reading, { currency, settings }: Telling): InvoiceSnapshot {
  const { invoice } = reading;
  const { CustomerRef, BillEmail, CustomerMemo, CustomField } = invoice;
  return {
    externalId: invoice.Id,
    number: invoice.DocNumber?.trim() || undefined,
    version: versionOf(invoice),
    toldAt: invoice.MetaData.LastUpdatedTime,
    customer: CustomerRef
      ? {
          externalId: CustomerRef.value,
          name: CustomerRef.name?.trim() || undefined,
          email: BillEmail?.Address?.trim() || undefined,
        }
      : undefined,
    state: stateOf(reading, settings),
    currency,
    total: fromDecimal(invoice.TotalAmt, currency),
    due: fromDecimal(invoice.Balance, currency),
    issuedOn: invoice.TxnDate ?? undefined,
    dueOn: invoice.DueDate ?? undefined,
    references: purchaseOrders(CustomField ?? []),
    lines: (invoice.Line ?? []).flatMap((line) => toLines(line, currency)),
    description: CustomerMemo?.value ? clip(CustomerMemo.value, 500) : undefined,
  };
}

function currencyOf({ Id, CurrencyRef }: QboInvoice, { homeCurrency }: ReadSettings): string {
  const named = CurrencyRef?.value ?? homeCurrency;
  const currency = named?.trim().toUpperCase();
  if (currency === undefined) {
    const message = `Invoice ${Id} names no currency: set the connection's home currency`;
    throw new RequestError(422, message);
  }
  if (isCurrency(currency)) return currency;
  throw new RequestError(422, `Invoice ${Id}: ${clip(currency, 20)} is no currency of ISO 4217`);
}

/**
 * There is no status field. Nothing is said of an invoice over nothing without the note that voiding
 * writes: it may be free of charge, or voided with its note changed.
 */
function stateOf(reading: Reading, { writeOffItem }: ReadSettings): InvoiceSnapshot["state"] {
  const { TotalAmt, Balance, PrivateNote } = reading.invoice;
  const isSettled = isZero(Balance);
  if (isSettled && writeOffItem !== undefined && isWrittenOff(reading, writeOffItem)) {
    return "written_off";
  }
  if (!isSettled || !isZero(TotalAmt)) return "issued";
  return /^voided\b/i.test(PrivateNote?.trim() ?? "") ? "void" : undefined;
}

/** Settled by a line on the item that bad debts are booked on, in the invoice or a credit memo. */
function isWrittenOff({ invoice, payments }: Reading, item: string): boolean {
  const memos = payments.flatMap(({ creditMemos }) => creditMemos);
  const lines = [invoice, ...memos].flatMap(({ Line: lines }) => lines ?? []);
  return lines.some(({ SalesItemLineDetail }) => {
    const { value, name } = SalesItemLineDetail?.ItemRef ?? {};
    return value === item || name?.toLowerCase() === item.toLowerCase();
  });
}

function isZero(decimal: string): boolean {
  return /^-?0+(?:\.0*)?$/.test(decimal);
}

function purchaseOrders(fields: NonNullable<QboInvoice["CustomField"]>): Reference[] {
  return fields.flatMap(({ Name, StringValue }): Reference[] => {
    const value = StringValue?.trim();
    const isOrder = /^(p\.?o\.?|purchase order)\b/i.test(Name?.trim() ?? "");
    return isOrder && value ? [{ kind: "po", value: clip(value, 200) }] : [];
  });
}

/** What QuickBooks adds up itself is no line; a bundle's items are shown one by one. */
function toLines(line: QboLine, currency: string): Line[] {
  const { DetailType, GroupLineDetail, Amount, SalesItemLineDetail } = line;
  if (DetailType === "SubTotalLineDetail") return [];
  if (GroupLineDetail?.Line?.length) {
    return GroupLineDetail.Line.flatMap((inner) => toLines(inner, currency));
  }
  const { ItemRef, Qty, UnitPrice } = SalesItemLineDetail ?? {};
  const isDiscount = DetailType === "DiscountLineDetail";
  const net = lineAmount(Amount, currency);
  const description = line.Description?.trim() || ItemRef?.name || (isDiscount ? "Discount" : "");
  if (net === undefined && description === "") return [];
  return [
    {
      id: line.Id ?? DetailType ?? "",
      description: clip(description, 1000),
      quantity: Qty ?? undefined,
      unitPrice: UnitPrice ?? undefined,
      net: net !== undefined && isDiscount ? 0 - net : net,
    },
  ];
}
