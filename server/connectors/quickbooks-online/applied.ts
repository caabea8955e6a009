import { fromDecimal } from "#domain/money.ts";
import { notNegative } from "#server/connectors/kit/not-negative.ts";
import type { QboPayment } from "./objects.ts";

/** What one payment did to one invoice, in minor units. */
export interface Applied {
  invoice: string;
  money: number;
  credit: number;
}

/**
 * How a payment was applied. In QuickBooks a credit memo is applied by a payment, too: the invoice's
 * lines add up to the money (TotalAmt without what is left over) and the credits. Which invoice got
 * which is not told when both are there, so the credits go to the first invoices.
 */
export function appliedBy(payment: QboPayment, currency: string): Applied[] {
  const minor = (text: string | null | undefined) => fromDecimal(text ?? "0", currency).amount;
  const amounts = new Map<string, number>();
  for (const { Amount, LinkedTxn } of payment.Line ?? []) {
    const linked = LinkedTxn?.find(({ TxnType }) => TxnType === "Invoice");
    if (linked) amounts.set(linked.TxnId, (amounts.get(linked.TxnId) ?? 0) + minor(Amount));
  }
  for (const amount of amounts.values()) notNegative(`Payment ${payment.Id}`, { amount, currency });
  const sum = [...amounts.values()].reduce((total, amount) => total + amount, 0);
  const money = Math.min(sum, Math.max(0, minor(payment.TotalAmt) - minor(payment.UnappliedAmt)));
  let creditLeft = sum - money;
  return [...amounts].map(([invoice, amount]) => {
    const credit = Math.min(amount, creditLeft);
    creditLeft -= credit;
    return { invoice, credit, money: amount - credit };
  });
}

/** The invoices that a payment was applied to. */
export function invoicesOf(payment: QboPayment): string[] {
  return linkedBy(payment, "Invoice");
}

/** The credit memos that a payment used up, in whole or in part. */
export function creditMemosOf(payment: QboPayment): string[] {
  return linkedBy(payment, "CreditMemo");
}

function linkedBy({ Line }: QboPayment, type: string): string[] {
  const linked = (Line ?? []).flatMap(({ LinkedTxn }) => LinkedTxn ?? []);
  const ids = linked.flatMap(({ TxnId, TxnType }) => (TxnType === type ? [TxnId] : []));
  return [...new Set(ids)];
}
