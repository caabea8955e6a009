import type { Db } from "#db/connect.ts";
import type { Change, InvoiceRef } from "#domain/change.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent } from "#domain/event.ts";
import type { SystemEntry } from "./entry.ts";
import { recordApart, type RejectedInvoice } from "./record-apart.ts";

/** Reads an invoice from the system: its changes, none when it is not known there. */
export type Fetch = (ref: InvoiceRef) => Promise<Change[]>;

/** Writes what belongs to the events in their transaction; gives further events. */
type Alongside = (trx: Db, events: LedgerEvent[]) => Promise<LedgerEvent[]>;

interface Telling {
  fetch?: Fetch | undefined;
  alongside?: Alongside;
}

/** Undoes what was begun: these invoices must be read first. */
class Asks extends Error {
  readonly refs: InvoiceRef[];
  constructor(refs: InvoiceRef[]) {
    super("the system is to be asked");
    this.refs = refs;
  }
}

/**
 * Records what a system said in a transaction of its own; invoices that it told too little of are read
 * by `fetch` first, outside any transaction. An invoice that cannot be recorded does not keep the others
 * out. Throws what `fetch` throws; then nothing was written.
 */
export async function recordTold(
  context: Context,
  entry: Omit<SystemEntry, "asked">,
  { fetch, alongside = async () => [] }: Telling,
): Promise<{ events: LedgerEvent[]; rejected: RejectedInvoice[] }> {
  const said = entry.changes.filter(({ kind }) => kind !== "fetch");
  const thin = entry.changes.flatMap((change) => (change.kind === "fetch" ? [change.invoice] : []));
  const told = new Map<string, Change[]>();
  for (let open = thin; ;) {
    const fresh = new Map<string, InvoiceRef>();
    for (const ref of fetch ? open : []) if (!told.has(nameOf(ref))) fresh.set(nameOf(ref), ref);
    // At once, so that a connector may read several of them by one call.
    const read = async ([name, ref]: [string, InvoiceRef]): Promise<void> =>
      void told.set(name, (await fetch?.(ref)) ?? []);
    // In the order in which they were named, whichever is answered first.
    for (const name of fresh.keys()) told.set(name, []);
    await Promise.all([...fresh].map(read));
    const changes = [...told.values()].flat().concat(said);
    const asked = !fetch || (open.length > 0 && fresh.size === 0);
    const answer = await tryRecord(context, { ...entry, changes, asked }, alongside);
    if (!(answer instanceof Asks)) return answer;
    open = answer.refs;
  }
}

async function tryRecord(
  context: Context,
  entry: SystemEntry,
  alongside: Alongside,
): Promise<{ events: LedgerEvent[]; rejected: RejectedInvoice[] } | Asks> {
  try {
    const done = await context.writer.transaction().execute(async (trx) => {
      const { events, ask, rejected } = await recordApart(trx, context, entry);
      if (ask.length > 0) throw new Asks(ask);
      return { events: [...events, ...(await alongside(trx, events))], rejected };
    });
    context.committed.publish(done.events);
    return done;
  } catch (error) {
    if (error instanceof Asks) return error;
    throw error;
  }
}

function nameOf({ externalId, number }: InvoiceRef): string {
  return JSON.stringify([externalId, number]);
}
