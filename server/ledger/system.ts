import { z } from "zod";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { Change, ConnectorKind, InvoiceRef, InvoiceSnapshot } from "#server/domain/change.ts";
import { newId } from "#server/domain/id.ts";
import type { InvoiceView } from "#server/domain/invoice.ts";
import type { Instant, Occurred } from "#server/domain/time.ts";
import { RequestError } from "#server/errors.ts";
import {
  type Facts,
  mergeCredit,
  mergeOverdue,
  mergePayment,
  mergeSnapshot,
  newSource,
  type SourceFacts,
  type Told,
} from "./facts.ts";
import {
  customerRecordOf,
  findByRef,
  findElsewhere,
  nameElsewhere,
  nameInvoice,
} from "./resolve.ts";
import { waitingFor } from "./unmatched.ts";
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
  /** The group's changes, and those that had been waiting for the invoice. */
  changes: Group["changes"];
  /** Rows of `unmatched` that are matched by it. */
  matched: number[];
  /** When the system said the newest thing in the group. */
  toldAt: Occurred;
  conflicts: string[];
  /** What `keepTold` writes; undefined where nothing changes. */
  told: { facts: string | undefined; names: InvoiceRef[]; sameAs: InvoiceSnapshot[] };
}

const readFacts = compiled<{ invoice: string }, { facts: string }>((db, value) =>
  db.selectFrom("invoice_facts").select("facts").where("invoice_id", "=", value("invoice")),
);
const writeFacts = compiled<{ invoice: string; facts: string }, unknown>((db, value) =>
  db
    .insertInto("invoice_facts")
    .values({ invoice_id: value("invoice"), facts: value("facts") })
    .onConflict((conflict) => conflict.column("invoice_id").doUpdateSet({ facts: value("facts") })),
);

// Facts are written by this module alone and change with it, so reading trusts their shape.
const StoredFacts = z.custom<Facts>((value) => typeof value === "object" && value !== null);

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
  connection: { id: string; kind: ConnectorKind };
  receivedAt: Instant;
  now: Instant;
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
  const named = await findByRef(trx, connection.id, group.ref);
  if (named === null && !first) return null;
  const known =
    named ?? (first ? await findElsewhere(trx, connection.id, { snapshot: first, record }) : null);
  const invoice = known ?? newId("inv");
  const stored = known ? await factsOf(trx, invoice, from) : undefined;
  const facts = stored
    ? StoredFacts.parse(JSON.parse(stored))
    : { owner: connection.id, sources: {} };
  const source = (facts.sources[connection.id] ??= newSource(connection.kind));
  const isFirst = first !== undefined && Object.keys(source.fields).length === 0;
  const waiting = isFirst ? await waitingFor(trx, group.ref, from) : nothingWaits;
  const changes = [...group.changes, ...waiting.changes];
  const { externalId, number } = source.fields;
  for (const change of changes) requireCurrency(change, facts);
  const merged = merge(source, changes, { ...from, customerRecord: record ?? undefined });
  if (takesOver(facts, connection)) facts.owner = connection.id;
  const view = viewOf(facts);
  const isDescribed = view !== null || source.fields.state?.value === "draft";
  if (known === null && !isDescribed) return null;
  const text = JSON.stringify(facts);
  from.unwritten.set(invoice, text);
  const isRenamed =
    named === null ||
    externalId?.value !== source.fields.externalId?.value ||
    number?.value !== source.fields.number?.value;
  const told = {
    facts: text === stored ? undefined : text,
    names: isRenamed ? changes.map((change) => change.invoice) : [],
    sameAs: snapshots.filter(({ sameAs }) => sameAs !== undefined),
  };
  return { invoice, isNew: known === null, view, changes, matched: waiting.rows, told, ...merged };
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
  return unwritten.get(invoice) ?? (await readFacts(trx, { invoice }))[0]?.facts;
}

const nothingWaits = { changes: [], rows: [] };

async function recordOf(trx: Db, snapshots: InvoiceSnapshot[], { connection, now }: From) {
  const customer = snapshots.findLast((snapshot) => snapshot.customer)?.customer;
  return customer ? customerRecordOf(trx, connection.id, { customer, now }) : null;
}

interface Merge extends From {
  customerRecord: string | undefined;
}

function merge(source: SourceFacts, changes: Group["changes"], from: Merge) {
  let toldAt: Instant = "";
  const conflicts: string[] = [];
  for (const change of changes) {
    const told = toldBy(change, from.receivedAt);
    if (told.at > toldAt) toldAt = told.at;
    if (change.kind === "invoice") {
      const found = mergeSnapshot(source, change.invoice, told, from.customerRecord);
      conflicts.push(...found.map((conflict) => conflict.field));
    }
    if (change.kind === "payment") {
      const { paymentId: id, stage, amount, occurredAt, reference, method, reason } = change;
      mergePayment(source, {
        ...told,
        id,
        stage,
        amount: amount.amount,
        occurredAt,
        ...(reference !== undefined && { reference }),
        ...(method !== undefined && { method }),
        ...(reason !== undefined && { reason }),
      });
    }
    if (change.kind === "credit") {
      const { creditId: id, type, amount, occurredAt, voided, reason } = change;
      mergeCredit(source, {
        ...told,
        id,
        type,
        amount: amount.amount,
        occurredAt,
        ...(voided && { voided }),
        ...(reason !== undefined && { reason }),
      });
    }
    if (change.kind === "overdue") mergeOverdue(source, change.dueOn);
  }
  return { toldAt, conflicts };
}

/** The version a change speaks of; a change without one counts from the moment it was told. */
function toldBy(change: Group["changes"][number], receivedAt: Instant): Told {
  const { version, toldAt } = change.kind === "invoice" ? change.invoice : change;
  const at = toldAt ?? (typeof version === "string" ? version : receivedAt);
  return { version: version ?? at, at };
}

/** One invoice has one currency; another one is a mistake that must not be added up. */
function requireCurrency(change: Group["changes"][number], facts: Facts): void {
  const sources = Object.values(facts.sources);
  const known = sources.find((source) => source.fields.currency)?.fields.currency?.value;
  const amounts =
    change.kind === "invoice"
      ? [change.invoice.total, change.invoice.paid, change.invoice.credited, change.invoice.due]
      : ["amount" in change ? change.amount : undefined];
  const other = amounts.find((amount) => amount && known && amount.currency !== known);
  if (!other) return;
  const name = change.invoice.number ?? change.invoice.externalId ?? "";
  throw new RequestError(422, `Invoice ${name} is in ${known}, not in ${other.currency}`);
}

/** The first erp or accounting connection to describe an invoice decides from then on. */
function takesOver(facts: Facts, connection: { id: string; kind: ConnectorKind }): boolean {
  const ranks = (kind: ConnectorKind | undefined) => kind === "erp" || kind === "accounting";
  const described = facts.sources[connection.id]?.fields.number !== undefined;
  const ownerKind = facts.sources[facts.owner]?.kind;
  return described && facts.owner !== connection.id && ranks(connection.kind) && !ranks(ownerKind);
}
