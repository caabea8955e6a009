import type { Db } from "#db/connect.ts";
import { recordsBeside } from "#db/queries/records.ts";
import type { Context } from "#server/context.ts";
import type { Draft, LedgerEvent, Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { append } from "./append.ts";
import { derive } from "./derive.ts";
import { enqueue } from "./enqueue.ts";
import type { Entry, PersonEntry, Recorded, SystemEntry } from "./entry.ts";
import { eventsOfAction } from "./person.ts";
import { findProjected, project, type Projected } from "./project.ts";
import { customerOf } from "./resolve.ts";
import { eventsSaid } from "./said.ts";
import type { Said } from "./said-about.ts";
import { type Group, groupChanges, keepTold, takeIn, type TakenIn } from "./system.ts";
import { noticesIn, tellFinance } from "./notices.ts";
import { markMatched, waitUnmatched } from "./unmatched.ts";
import { noteWaited, waitedSources } from "./waited.ts";

/**
 * The only door for business writes: derives, appends, projects and enqueues in one transaction, then
 * says what was committed. When `ask` is not empty no event was written: read these invoices from the
 * system and record again with `asked`. Throws RequestError for what may not be.
 */
export async function record(context: Context, entry: Entry): Promise<Recorded> {
  const recorded = await context.writer
    .transaction()
    .execute((trx) => recordIn(trx, context, entry));
  context.committed.publish(recorded.events);
  return recorded;
}

/** The same inside a transaction of the caller, who publishes the events after its commit. */
export async function recordIn(trx: Db, context: Context, entry: Entry): Promise<Recorded> {
  if (entry.kind === "system") return recordSystem(trx, context, entry);
  if (entry.kind === "person") return recordPerson(trx, context, entry);
  const events = await write(trx, context, { entry, drafts: entry.drafts });
  return { events, ask: [] };
}

async function recordSystem(trx: Db, context: Context, entry: SystemEntry): Promise<Recorded> {
  const now = toInstant(context.clock());
  const { connection, receivedAt } = entry;
  const byPortal = entry.source.kind === "scheduler";
  const unwritten = new Map<string, string>();
  const from = { connection, receivedAt, now, byPortal, unwritten, invoice: entry.invoice };
  const taken: [Group, TakenIn | null][] = [];
  for (const group of groupChanges(entry.changes)) {
    const found = await takeIn(trx, group, from);
    if (!entry.asked && (found === null || isUncertain(found))) {
      return { events: [], ask: [group.ref] };
    }
    taken.push([group, found]);
  }
  const events: LedgerEvent[] = [];
  for (const [group, found] of taken) {
    if (found === null) {
      const changes = group.changes.filter((change) => !isGone(change));
      await waitUnmatched(
        trx,
        { ...group, changes },
        { ...from, delivery: entry.delivery ?? null },
      );
      continue;
    }
    await keepTold(trx, connection.id, found);
    await markMatched(trx, found.matched, now);
    const known = found.isNew ? null : await findProjected(trx, found.invoice);
    const delivery = entry.delivery ?? null;
    const causes: Found["causes"] = new Map();
    const drafts = await draftsOf(trx, known, { ...found, from, delivery, causes });
    const sourceOf = waitedSources(entry.source, { ...found, causes });
    const written = await write(trx, context, { entry, drafts, known, sourceOf });
    await noteWaited(trx, written, entry.delivery);
    events.push(...written);
  }
  return { events, ask: [] };
}

/** Only reading the invoice says which of two tellings is true. */
function isUncertain({ merged: { conflicts, isDoubtful } }: TakenIn): boolean {
  return conflicts.length > 0 || isDoubtful;
}

/** What was deleted before anybody told of it concerns nobody. */
function isGone(change: Group["changes"][number]): boolean {
  return change.kind === "invoice" && change.invoice.isGone === true;
}

type Found = TakenIn & {
  from: { connection: { id: string }; receivedAt: string; now: string };
  delivery: number | null;
  /** The changes that drafts come from which are not told by their data. */
  causes: Map<Draft, Group["changes"][number]>;
};

/** What changed in the invoice's own picture, then what was said about it, then what finance must see. */
async function draftsOf(trx: Db, known: Projected | null, found: Found): Promise<Draft[]> {
  const { invoice, view, toldAt, failedRefunds } = found;
  if (view === null) return [];
  const before = known?.view ?? null;
  const issuedAt = before === null ? issuedBefore(found) : undefined;
  const drafts = derive({
    invoice,
    before,
    after: view,
    occurredAt: toldAt,
    issuedAt,
    failedRefunds,
  });
  if (before === null && drafts.length === 0) return [];
  const said = found.changes.filter((change): change is Said =>
    ["dispute", "comment", "promise", "chargeback"].includes(change.kind),
  );
  const { connection, receivedAt, now } = found.from;
  if (said.length > 0) {
    const query = trx.selectFrom("disputes").selectAll().where("invoice_id", "=", invoice);
    const disputes = await query.execute();
    const { delivery } = found;
    const about = { invoice, view, connection: connection.id, delivery, receivedAt, now, disputes };
    for (const change of said) {
      const made = await eventsSaid(trx, change, about);
      for (const draft of made) found.causes.set(draft, change);
      drafts.push(...made);
    }
  }
  if (before !== null && before.due > 0) drafts.push(...(await promisesKept(trx, found)));
  const notices = noticesIn({ ...found, before });
  if (notices.length === 0) return drafts;
  const place = { invoice, toldAt, connection, delivery: found.delivery, receivedAt, now };
  return [...drafts, ...(await tellFinance(trx, notices, place))];
}

/** The day of issue, where a message of later things is the first to tell of an invoice. */
function issuedBefore({ view, changes, toldAt }: Found): string | undefined {
  const isLater = changes.some(({ kind, ...rest }) => {
    if (kind === "payment") return true;
    return "invoice" in rest && "rank" in rest.invoice && (rest.invoice.rank ?? 0) > 0;
  });
  const issuedOn = view?.issuedOn ?? null;
  return isLater && issuedOn !== null && issuedOn < toldAt.slice(0, 10) ? issuedOn : undefined;
}

/** A promise of the invoice's reader is kept once nothing is due any more. */
async function promisesKept(trx: Db, { invoice, view, toldAt }: Found): Promise<Draft[]> {
  if (view === null || view.due > 0) return [];
  const open = await trx
    .selectFrom("promises")
    .select(["id", "promised_on", "customer_record_id"])
    .where("invoice_id", "=", invoice)
    .where("state", "=", "made")
    .where("customer_record_id", "in", recordsBeside(trx, view.customerRecord))
    .execute();
  return open.map(({ id, promised_on, customer_record_id }) => ({
    type: "promise.kept",
    data: { promiseId: id, promisedOn: promised_on },
    chain: customer_record_id,
    audience: "customer",
    invoice,
    occurredAt: toldAt,
  }));
}

async function recordPerson(trx: Db, context: Context, entry: PersonEntry): Promise<Recorded> {
  const now = toInstant(context.clock());
  const events: LedgerEvent[] = [];
  for (const action of entry.actions) {
    const drafts = await eventsOfAction(trx, action, { person: entry.person, now });
    events.push(...(await write(trx, context, { entry, drafts })));
  }
  return { events, ask: [] };
}

interface Writing {
  entry: Entry;
  drafts: Draft[];
  known?: Projected | null;
  sourceOf?: (draft: Draft) => Source;
}

async function write(
  trx: Db,
  context: Context,
  { entry, drafts, known, sourceOf }: Writing,
): Promise<LedgerEvent[]> {
  if (drafts.length === 0) return [];
  const now = toInstant(context.clock());
  const events = await append(trx, drafts, { source: entry.source, sourceOf, now });
  const shown = await project(trx, events, known);
  if (entry.quiet) return events;
  const readerOf = async (chain: string) =>
    chain === shown?.record ? shown.customer : customerOf(trx, chain);
  await enqueue(trx, context, { events, entry, readerOf });
  return events;
}
