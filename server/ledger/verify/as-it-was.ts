import type { Db } from "#db/connect.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import { events } from "#server/ledger/read.ts";
import { applyEvent } from "#server/ledger/view.ts";

const mostEvents = 10_000;

/**
 * An invoice as the readers of these chains last knew it: where it was moved to another customer record,
 * what happened since is not theirs; or as it was after one event. Null when their chains say nothing of it.
 */
export async function invoiceAsItWas(
  db: Db,
  { invoice, chains, through }: { invoice: string; chains: string[]; through?: number },
): Promise<InvoiceView | null> {
  if (chains.length === 0) return null;
  const page = { after: 0, limit: mostEvents };
  const told = await events(db, { invoice, chains, audience: "customer", ...page });
  const until = told.filter(({ sequence }) => through === undefined || sequence <= through);
  return until.reduce<InvoiceView | null>(applyEvent, null);
}
