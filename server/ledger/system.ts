import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { Change, ConnectorKind, InvoiceRef, InvoiceSnapshot } from "#domain/change.ts";
import { newId } from "#domain/id.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import type { Instant, Occurred } from "#domain/time.ts";
import { requireSound } from "./currency-told.ts";
import { type Facts, newSource, toldLast } from "./facts.ts";
import { mergeChanges, type MergedChanges } from "./merge-changes.ts";
import {
  ambiguous,
  customerRecordOf,
  findByRef,
  findElsewhere,
  nameElsewhere,
  nameInvoice,
} from "./resolve.ts";
import { failedRefundsIn } from "./settle.ts";
import { readFacts } from "./stored-facts.ts";
import { type Waited, waitingFor } from "./unmatched.ts";
import { viewOf } from "./view.ts";

/** Changes of one delivery about one invoice: they are derived together. */
export interface Group {
  ref: InvoiceRef;
  changes: Exclude<Change, { kind: "fetch" }>[];
}

/** What is known of an invoice after a group was taken in. */
export interface TakenIn {
  invoice: string;
  /** Nobody told of it before. */
  isNew: boolean;
  /** Null while it is a draft or too little was told. */
  view: InvoiceView | null;
  /** Refunds that a system says failed, as `connection id`. */
  failedRefunds: string[];
  /** The group's changes, and those that had been waiting for the invoice. */
  changes: Group["changes"];
  /** Rows of `unmatched` that are matched by it. */
  matched: number[];
  /** The deliveries that the changes came with which had been waiting. */
  waited: Waited["deliveries"];
  /** When the system said the newest thing in the group. */
  toldAt: Occurred;
  merged: MergedChanges;
  /** What `keepTold` writes; undefined where nothing changes. */
  told: { facts: string | undefined; names: InvoiceRef[]; sameAs: InvoiceSnapshot[] };
}

const findFacts = compiled<{ invoice: string }, { facts: string }>((db, value) =>
  db.selectFrom("invoice_facts").select("facts").where("invoice_id", "=", value("invoice")),
);
const writeFacts = compiled<{ invoice: string; facts: string }, unknown>((db, value) =>
  db
    .insertInto("invoice_facts")
    .values({ invoice_id: value("invoice"), facts: value("facts") })
    .onConflict((conflict) => conflict.column("invoice_id").doUpdateSet({ facts: value("facts") })),
);

/** One group for each invoice that a delivery is about, in the order of first mention. */
export function groupChanges(changes: Change[]): Group[] {
  const groups: Group[] = [];
  for (const change of changes) {
    if (change.kind === "fetch") continue;
    const { externalId, number } = change.invoice;
    const group = groups.find(
      ({ ref }) =>
        (externalId !== undefined && ref.externalId === externalId) ||
        (number !== undefined &&
          ref.number === number &&
          (externalId === undefined || ref.externalId === undefined)),
    );
    if (group) {
      group.ref = { ...clean({ externalId, number }), ...group.ref };
      group.changes.push(change);
    } else groups.push({ ref: clean({ externalId, number }), changes: [change] });
  }
  return groups;
}

function clean({ externalId, number }: { [key in keyof InvoiceRef]: InvoiceRef[key] | undefined }) {
  return {
    ...(externalId !== undefined && { externalId }),
    ...(number !== undefined && { number }),
  };
}

interface From {
  /** The invoice that a person says is meant; absent: the names decide. */
  invoice?: string | undefined;
  connection: { id: string; kind: ConnectorKind; versionsFrom?: Instant | null };
  receivedAt: Instant;
  now: Instant;
  /** The portal's own rule says so, not the system. */
  byPortal: boolean;
  /** Facts by invoice that earlier groups of the same delivery changed and that are not written yet. */
  unwritten: Map<string, string>;
}

/**
 * Merges a group into what is known. Gives null when the invoice is unknown and the group does not
 * describe it enough. Writes nothing but the customer record at its first sight: what else was told
 * is for `keepTold`, once it is known that nobody has to be asked first.
 */
export async function takeIn(trx: Db, group: Group, from: From): Promise<TakenIn | null> {
  const { connection } = from;
  const snapshots = group.changes.flatMap((change) =>
    change.kind === "invoice" ? [change.invoice] : [],
  );
  const [first] = snapshots;
  const record = await recordOf(trx, snapshots, from);
  const named = from.invoice ?? (await findByRef(trx, connection.id, group.ref));
  if (named === ambiguous || (named === null && !first)) return null;
  const found = await factsMeant(trx, { named, first, record }, from);
  const { known, stored, facts } = found;
  const invoice = known ?? newId("inv");
  const source = (facts.sources[connection.id] ??= newSource(connection.kind));
  const isFirst = first !== undefined && source.tellings.length === 0;
  const asked = { ref: group.ref, invoice: known };
  const waiting = isFirst ? await waitingFor(trx, asked, from) : nothingWaits;
  const changes = [...group.changes, ...waiting.changes];
  const [externalId, number] = [toldLast(source, "externalId"), toldLast(source, "number")];
  requireSound(changes, { facts, connection });
  const merged = mergeChanges(source, changes, { ...from, customerRecord: record ?? undefined });
  if (takesOver(facts, connection)) facts.owner = connection.id;
  const view = viewOf(facts);
  const isDescribed = view !== null || toldLast(source, "state")?.value === "draft";
  if (known === null && !isDescribed) return null;
  const text = JSON.stringify(facts);
  from.unwritten.set(invoice, text);
  const isRenamed =
    named === null ||
    externalId?.value !== toldLast(source, "externalId")?.value ||
    number?.value !== toldLast(source, "number")?.value;
  const told = {
    facts: text === stored ? undefined : text,
    names: isRenamed ? changes.map((change) => change.invoice) : [],
    sameAs: snapshots.filter(({ sameAs }) => sameAs !== undefined),
  };
  const waited = { matched: waiting.rows, waited: waiting.deliveries };
  const taken = { toldAt: merged.toldAt, merged, failedRefunds: failedRefundsIn(facts) };
  return { invoice, isNew: known === null, view, changes, ...waited, told, ...taken };
}

interface Meant {
  named: string | null;
  first: InvoiceSnapshot | undefined;
  record: string | null;
}

/** The invoice that is meant and what was told of it: by its names, else one that another connection described. */
async function factsMeant(trx: Db, { named, first, record }: Meant, from: From) {
  const { connection } = from;
  const elsewhere =
    named === null && first
      ? await findElsewhere(trx, connection.id, { snapshot: first, record })
      : null;
  const known = named ?? elsewhere?.invoice ?? null;
  const stored = known ? await factsOf(trx, known, from) : undefined;
  const facts = stored ? readFacts(stored) : undefined;
  const isOther = elsewhere?.isAlike && facts && !mayBeAlike(facts, connection.kind);
  if (facts && !isOther) return { known, stored, facts };
  const unknown: Facts = { owner: connection.id, sources: {} };
  return { known: isOther ? null : known, stored: undefined, facts: unknown };
}

const ranks = (kind: ConnectorKind | undefined) => kind === "erp" || kind === "accounting";

/** Two legal entities count alike: what two owners of invoices describe is never joined by its number. */
function mayBeAlike({ sources }: Facts, kind: ConnectorKind): boolean {
  return !ranks(kind) || !Object.values(sources).some((source) => ranks(source.kind));
}

/** Keeps what a group told: its facts, and the names it gives the invoice. Doing it again changes nothing. */
export async function keepTold(
  trx: Db,
  connection: string,
  { invoice, told: { facts, names, sameAs } }: TakenIn,
): Promise<void> {
  if (facts !== undefined) await writeFacts(trx, { invoice, facts });
  await nameInvoice(trx, connection, { refs: names, invoice });
  for (const snapshot of sameAs) await nameElsewhere(trx, snapshot, invoice);
}

async function factsOf(trx: Db, invoice: string, { unwritten }: From): Promise<string | undefined> {
  return unwritten.get(invoice) ?? (await findFacts(trx, { invoice }))[0]?.facts;
}

const nothingWaits: Waited = { changes: [], rows: [], deliveries: new Map() };

async function recordOf(trx: Db, snapshots: InvoiceSnapshot[], { connection, now }: From) {
  const customer = snapshots.findLast((snapshot) => snapshot.customer)?.customer;
  return customer ? customerRecordOf(trx, connection.id, { customer, now }) : null;
}

/** The first erp or accounting connection to describe an invoice decides from then on. */
function takesOver(facts: Facts, connection: { id: string; kind: ConnectorKind }): boolean {
  const source = facts.sources[connection.id];
  const described = source !== undefined && toldLast(source, "number") !== undefined;
  const ownerKind = facts.sources[facts.owner]?.kind;
  return described && facts.owner !== connection.id && ranks(connection.kind) && !ranks(ownerKind);
}
