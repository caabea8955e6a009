import type { Change } from "#domain/change.ts";
import {
  compareTold,
  compareVersions,
  type Fields,
  type SourceFacts,
  type SumsTold,
  type Telling,
  type Told,
} from "./facts.ts";
import { foldTellings } from "./fold-tellings.ts";
import { mergeOverdue } from "./merge-items.ts";
import { textOf, type Whole, wholeOf } from "./telling-text.ts";

/** Tellings kept per connection and invoice; beyond it old ones are joined. */
const keptTellings = 200;
/** Their former values matter too: sums were told under them. */
const historic = new Set<string>(["state", "currency", "dueOn"]);

type Invoice = Extract<Change, { kind: "invoice" }>["invoice"];

/** How a telling stands beside those that were known. */
export interface Merged {
  /** Fields that another telling of the same version told differently, and nothing but their text decided. */
  conflicts: string[];
  /** It was sent and loses to an earlier reading of the same version: only reading again says what is true. */
  isDoubtful: boolean;
  /** It was told later than a telling that has a newer version. */
  isBehind: boolean;
}

const nothingNew: Merged = { conflicts: [], isDoubtful: false, isBehind: false };

/** Takes a snapshot in, whole: newer fields win, an older telling only fills what nobody told yet. */
export function mergeSnapshot(
  source: SourceFacts,
  invoice: Invoice,
  told: Told,
  customerRecord: string | undefined,
): Merged {
  const { tellings } = source;
  const sums = sumsIn(invoice);
  const telling = tellingOf(told, {
    whole: wholeOf(invoice),
    sums,
    fields: fieldsIn(invoice, customerRecord),
  });
  const same = tellings.findIndex(
    (other) => compareVersions(other, telling) === 0 && textOf(other) === textOf(telling),
  );
  const before = tellings[same];
  if (before && compareTold(before, telling) >= 0) return nothingNew;
  // The same words, read again: they stand where the last reading puts them.
  if (before) tellings.splice(same, 1);
  let at = tellings.length;
  for (; at > 0; at--) {
    const other = tellings[at - 1];
    if (!other || compareWhole(telling, other) > 0) break;
  }
  const { dueOn } = invoice;
  if (invoice.overdue) mergeOverdue(source, dueOn === undefined ? told : { ...told, dueOn });
  const merged = stateOf(telling, tellings, at);
  prune(telling, tellings, at);
  tellings.splice(at, 0, telling);
  if (tellings.length > keptTellings) foldTellings(source);
  return merged;
}

interface Contents {
  whole: Whole;
  sums: SumsTold | undefined;
  fields: Fields;
}

/** Written out, because an object that begins as a copy of another costs ten times as much. */
function tellingOf(
  { version, at, epoch, readAt, rank }: Told,
  { whole, sums, fields }: Contents,
): Telling {
  const telling: Telling = { version, at, whole, fields };
  if (epoch !== undefined) telling.epoch = epoch;
  if (readAt !== undefined) telling.readAt = readAt;
  if (rank !== undefined) telling.rank = rank;
  if (sums !== undefined) telling.sums = sums;
  return telling;
}

function compareWhole(a: Telling, b: Telling): number {
  const order = compareTold(a, b);
  if (order !== 0) return order;
  const [left, right] = [textOf(a), textOf(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Compares a telling with the others of its version, and with the newest. */
function stateOf(telling: Telling, tellings: Telling[], at: number): Merged {
  const newest = tellings.at(-1);
  if (newest === undefined) return nothingNew;
  const conflicts: string[] = [];
  let isDoubtful = false;
  for (const place of [at - 1, at]) {
    const other = tellings[place];
    if (!other || compareVersions(other, telling) !== 0) continue;
    // What a newer telling says decides nothing between these two any more.
    const newer = tellings.slice(Math.max(place + 1, at));
    const differing = differingFields(telling.whole, other.whole).filter(
      (name) => !newer.some(({ whole }) => whole[name] !== undefined),
    );
    if (compareTold(other, telling) === 0) conflicts.push(...differing);
    else if (other.readAt && !telling.readAt && differing.length > 0) isDoubtful = true;
  }
  const isOlder = at < tellings.length && compareVersions(telling, newest) < 0;
  const isBehind = isOlder && (telling.readAt ?? telling.at) > (newest.readAt ?? newest.at);
  return { conflicts, isDoubtful, isBehind };
}

function differingFields(a: Whole, b: Whole): string[] {
  return Object.keys(a).filter(
    (name) => a[name] !== undefined && b[name] !== undefined && a[name] !== b[name],
  );
}

/** Each field stands in the newest telling that told it. */
function prune(telling: Telling, tellings: Telling[], at: number): void {
  for (const [place, other] of tellings.entries()) {
    if (place >= at) telling.fields = without(telling.fields, other.fields);
    else other.fields = without(other.fields, telling.fields);
  }
}

/** Written anew and not deleted from: an object that lost a name is slow from then on. */
function without(fields: Fields, newer: Fields): Fields {
  if (!Object.keys(fields).some((name) => !historic.has(name) && name in newer)) return fields;
  const left = Object.entries(fields).filter(([name]) => historic.has(name) || !(name in newer));
  return Object.fromEntries(left);
}

function fieldsIn(invoice: Invoice, customerRecord: string | undefined): Fields {
  const { number, externalId, customer, state, issuedOn, dueOn, references, lines } = invoice;
  const { description, payUrl, documentRef, paymentIds, creditIds } = invoice;
  const currency = currencyIn(invoice);
  const fields: Fields = {};
  if (number !== undefined) fields.number = number;
  if (externalId !== undefined) fields.externalId = externalId;
  if (customerRecord !== undefined) fields.customerRecord = customerRecord;
  if (customer?.name !== undefined) fields.customerName = customer.name;
  if (customer?.externalId !== undefined) fields.customerKey = customer.externalId;
  if (state !== undefined) fields.state = state;
  if (currency !== undefined) fields.currency = currency;
  if (issuedOn !== undefined) fields.issuedOn = issuedOn;
  if (dueOn !== undefined) fields.dueOn = dueOn;
  if (references !== undefined) fields.references = references;
  if (lines !== undefined) fields.lines = lines;
  if (paymentIds !== undefined) fields.paymentIds = paymentIds.toSorted();
  if (creditIds !== undefined) fields.creditIds = creditIds.toSorted();
  if (description !== undefined) fields.description = description;
  if (payUrl !== undefined) fields.payUrl = payUrl;
  if (documentRef !== undefined) fields.documentRef = documentRef;
  return fields;
}

/** The currency that a snapshot speaks in. */
export function currencyIn(invoice: Invoice): string | undefined {
  const amount = invoice.total ?? invoice.due ?? invoice.paid ?? invoice.credited;
  return invoice.currency ?? amount?.currency;
}

function sumsIn(invoice: Invoice): SumsTold | undefined {
  const { total, paid, credited, due, balanceBy } = invoice;
  const amount = total ?? paid ?? credited ?? due;
  if (!amount) return undefined;
  const sums: SumsTold = { currency: amount.currency };
  if (total) sums.total = total.amount;
  if (paid) sums.paid = paid.amount;
  if (credited) sums.credited = credited.amount;
  if (due) sums.due = due.amount;
  if (balanceBy) sums.balanceBy = balanceBy;
  return sums;
}
