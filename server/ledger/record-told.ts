import type { Db } from "#db/connect.ts";
import type { Change, InvoiceRef } from "#server/domain/change.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent } from "#server/domain/event.ts";
import type { SystemEntry } from "./entry.ts";
import { recordIn } from "./record.ts";

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
 * by `fetch` first, outside any transaction. Throws what `fetch` throws; then nothing was written.
 */
export async function recordTold(
  context: Context,
  entry: Omit<SystemEntry, "asked">,
  { fetch, alongside = async () => [] }: Telling,
): Promise<LedgerEvent[]> {
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
): Promise<LedgerEvent[] | Asks> {
  try {
    const events = await context.writer.transaction().execute(async (trx) => {
      const recorded = await recordIn(trx, context, entry);
      if (recorded.ask.length > 0) throw new Asks(recorded.ask);
      return [...recorded.events, ...(await alongside(trx, recorded.events))];
    });
    context.committed.publish(events);
    return events;
  } catch (error) {
    if (error instanceof Asks) return error;
    throw error;
  }
}

function nameOf({ externalId, number }: InvoiceRef): string {
  return JSON.stringify([externalId, number]);
}
