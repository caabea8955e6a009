import type { Db } from "#db/connect.ts";
import { keepNotice } from "#db/queries/finance-notices.ts";
import { type Draft, supplierChain } from "#domain/event.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import { statusOf } from "#domain/invoice-sums.ts";
import type { Instant } from "#domain/time.ts";
import type { TakenIn } from "./system.ts";

/** What finance has to look at; the words of each stand on its page. */
type NoticeAction =
  | "version_conflict"
  | "version_behind"
  | "clock_ahead"
  | "status_mismatch"
  | "currency_corrected"
  | "payment_unbooked"
  | "dispute_conflict";

interface Notice {
  action: NoticeAction;
  details: Record<string, string | number>;
}

interface Found extends TakenIn {
  before: InvoiceView | null;
}

/** What of a telling a person has to look at, because the ledger can only guess. */
export function noticesIn({ view, merged, before, changes }: Found): Notice[] {
  const notices: Notice[] = [];
  const { conflicts, isBehind, isAhead } = merged;
  if (conflicts.length > 0) {
    const fields = [...new Set(conflicts)].join(", ");
    notices.push({ action: "version_conflict", details: { fields } });
  }
  if (isBehind) notices.push({ action: "version_behind", details: {} });
  if (isAhead) notices.push({ action: "clock_ahead", details: {} });
  const mismatch = view && mismatchIn(view, changes);
  if (mismatch) notices.push({ action: "status_mismatch", details: mismatch });
  if (view && before && before.currency !== view.currency) {
    const { currency, paid } = before;
    const details = { from: currency, to: view.currency, paid };
    notices.push({ action: "currency_corrected", details });
  }
  return notices;
}

/** A status, or sums, that do not agree with each other: what the page shows may be wrong. */
function mismatchIn(view: InvoiceView, changes: TakenIn["changes"]): Notice["details"] | null {
  const told = changes.findLast((change) => change.kind === "invoice")?.invoice;
  if (!told) return null;
  const { total, paid, credited, due, status } = told;
  const shown = statusOf(view);
  const isOver = due && paid && total && paid.amount + due.amount > total.amount;
  if (isOver && due.amount > 0 && paid.amount > 0) {
    const sums = `${paid.amount} + ${due.amount} + ${credited?.amount ?? 0}`;
    return { told: `paid + balance + credited = ${sums}`, shown: `total ${total.amount}` };
  }
  if (status === undefined || view.state !== "issued") return null;
  const isPaid = shown === "paid";
  const differs = status === "paid" ? !isPaid : isPaid && view.total > 0;
  return differs ? { told: status, shown } : null;
}

interface Place {
  invoice: string;
  toldAt: string;
  connection: { id: string };
  delivery: number | null;
  receivedAt: Instant;
  now: Instant;
}

/** Keeps notices for the console, and gives the events that say so in the supplier's chain. */
export async function tellFinance(trx: Db, notices: Notice[], place: Place): Promise<Draft[]> {
  const { invoice, toldAt, connection, delivery, receivedAt, now } = place;
  const drafts: Draft[] = [];
  for (const { action, details } of notices) {
    await keepNotice(trx, {
      ...{ action, connection_id: connection.id, invoice_id: invoice, delivery_id: delivery },
      ...{ details: JSON.stringify(details), since: receivedAt, at: now },
    });
    drafts.push({
      type: "audit.recorded",
      chain: supplierChain,
      audience: "supplier",
      invoice,
      occurredAt: toldAt,
      data: { action, subject: invoice, details: { connection: connection.id, ...details } },
    });
  }
  return drafts;
}
