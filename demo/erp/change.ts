import type { Invoice } from "./invoice.ts";
import { Refusal } from "./refusal.ts";
import { findInvoice, newestChangeAt, saveInvoice, type Store } from "./store.ts";
import { enqueueWebhook } from "./webhook-queue.ts";
import { toWire } from "./wire.ts";

/** What every action needs: the ERP's data, its clock, and the bell of the sender. */
export type Erp = { store: Store; now: () => Date; wake: () => void };

/** One webhook to be sent about a change: its canonical type and what stands beside the invoice. */
export type Announcement = { type: string; data: Record<string, unknown> };

/** What a change says: a line for the journal, and the webhook that tells the portal, if any. */
export type Outcome = { journal: string; announce?: Announcement };

/**
 * The one way to change an invoice: raises `version` and `updatedAt`, writes the journal and queues
 * the webhook in one transaction. Throws a Refusal (404) for an unknown invoice.
 */
export function changeInvoice(
  erp: Erp,
  id: string,
  apply: (invoice: Invoice, at: string) => Outcome,
): Invoice {
  const changed = erp.store.transaction(() => {
    const invoice = requireInvoice(erp.store, id);
    const at = nextInstant(erp);
    const outcome = apply(invoice, at);
    return commit(erp, { invoice, at, version: invoice.version + 1, outcome });
  })();
  erp.wake();
  return changed;
}

/** Puts a new invoice in, with version 1, and tells the portal. */
export function addInvoice(erp: Erp, create: (at: string) => Invoice): Invoice {
  const added = erp.store.transaction(() => {
    const at = nextInstant(erp);
    const outcome = { journal: "Invoice issued", announce: { type: "invoice.issued", data: {} } };
    return commit(erp, { invoice: create(at), at, version: 1, outcome });
  })();
  erp.wake();
  return added;
}

/** The invoice with this id; throws a Refusal (404) when there is none. */
export function requireInvoice(store: Store, id: string): Invoice {
  const invoice = findInvoice(store, id);
  if (!invoice) throw new Refusal(404, `There is no invoice ${id}`);
  return invoice;
}

/** Today by the ERP's clock, as YYYY-MM-DD in UTC. */
export function today(erp: Pick<Erp, "now">): string {
  return erp.now().toISOString().slice(0, 10);
}

type Commit = { invoice: Invoice; at: string; version: number; outcome: Outcome };

function commit(erp: Erp, { invoice, at, version, outcome }: Commit): Invoice {
  const { journal, announce } = outcome;
  const entries = [...invoice.journal, { at, text: journal }];
  const changed = { ...invoice, version, updatedAt: at, journal: entries };
  saveInvoice(erp.store, changed);
  if (announce) {
    const data = { invoice: toWire(changed, today(erp)), ...announce.data };
    const body = Buffer.from(JSON.stringify({ type: announce.type, timestamp: at, data }));
    enqueueWebhook(erp.store, { invoiceId: invoice.id, type: announce.type, body, at });
  }
  return changed;
}

// No two changes share an instant: a list read in pages by `updatedAt` then misses none.
function nextInstant({ store, now }: Erp): string {
  const newest = newestChangeAt(store);
  const earliest = newest === null ? 0 : Date.parse(newest) + 1;
  return new Date(Math.max(now().getTime(), earliest)).toISOString();
}
