import type { Db } from "#db/connect.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import { events } from "#server/ledger/read.ts";
import { applyEvent } from "#server/ledger/view.ts";

const mostEvents = 10_000;

/**
 * An invoice as the readers of these chains last knew it: where it was moved to another customer record,
 * what happened since is not theirs. Null when their chains say nothing of it.
 */
export async function invoiceAsItWas(
  db: Db,
  { invoice, chains }: { invoice: string; chains: string[] },
): Promise<InvoiceView | null> {
  if (chains.length === 0) return null;
  const page = { after: 0, limit: mostEvents };
  const told = await events(db, { invoice, chains, audience: "customer", ...page });
  return told.reduce<InvoiceView | null>(applyEvent, null);
}
