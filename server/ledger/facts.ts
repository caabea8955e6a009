import { canonicalJson, isSameJson } from "#server/domain/canonical-json.ts";
import type {
  Change,
  ConnectorKind,
  InvoiceSnapshot,
  Line,
  Reference,
  Version,
} from "#server/domain/change.ts";
import type { Instant } from "#server/domain/time.ts";

/** When a system said something: its own version, and the instant it said so. */
export interface Told {
  version: Version;
  at: Instant;
}

/** What a source may tell of an invoice, each with a version of its own. */
export interface FieldValues {
  number: string;
  externalId: string;
  customerRecord: string;
  customerName: string;
  state: NonNullable<InvoiceSnapshot["state"]>;
  currency: string;
  issuedOn: string;
  dueOn: string;
  references: Reference[];
  lines: Line[];
  paymentIds: string[];
  creditIds: string[];
  description: string;
  payUrl: string;
  documentRef: string;
}
export type FieldName = keyof FieldValues;

export interface MoneyTold extends Told {
  total?: number;
  paid?: number;
  credited?: number;
  due?: number;
}

export interface PaymentTold extends Told {
  id: string;
  stage: "pending" | "received" | "failed" | "refunded" | "reversed";
  amount: number;
  reference?: string;
  method?: string;
  reason?: string;
  occurredAt: string;
}

export interface CreditTold extends Told {
  id: string;
  type: "credit_note" | "discount" | "correction";
  amount: number;
  voided?: boolean;
  reason?: string;
  occurredAt: string;
}

/** What one connection told of one invoice; merging is commutative, so arrival order does not matter. */
export interface SourceFacts {
  kind: ConnectorKind;
  fields: { [name in FieldName]?: Told & { value: FieldValues[name] } };
  /** Oldest version first. */
  money: MoneyTold[];
  payments: PaymentTold[];
  credits: CreditTold[];
  /** Due dates for which it said overdue; "" when it told no due date with it. */
  overdueFor: string[];
}

export interface Facts {
  /** The connection that decides totals and status. */
  owner: string;
  sources: Record<string, SourceFacts>;
}

/** Tellings kept per connection and invoice; beyond it the oldest sums no longer explain payments. */
const keptTellings = 200;
const stageRank = { pending: 0, failed: 1, received: 2, refunded: 3, reversed: 4 };

/** Negative when `a` is older. Revisions compare as numbers, instants as instants, mixed ones by when they were told. */
export function compareTold(a: Told, b: Told): number {
  if (typeof a.version === "number" && typeof b.version === "number") return a.version - b.version;
  const left = typeof a.version === "string" ? a.version : a.at;
  const right = typeof b.version === "string" ? b.version : b.at;
  if (left !== right) return left < right ? -1 : 1;
  return Number(typeof a.version === "number") - Number(typeof b.version === "number");
}

export function newSource(kind: ConnectorKind): SourceFacts {
  return { kind, fields: {}, money: [], payments: [], credits: [], overdueFor: [] };
}

/** Says that two tellings of one version differ; the greater canonical JSON was taken. */
export type Conflict = { field: string; version: Version };

type Invoice = Extract<Change, { kind: "invoice" }>["invoice"];

/** Takes a snapshot in: newer fields win, an older one only fills what nobody told yet. */
export function mergeSnapshot(
  source: SourceFacts,
  invoice: Invoice,
  told: Told,
  customerRecord: string | undefined,
): Conflict[] {
  const conflicts: Conflict[] = [];
  const tell = <Name extends FieldName>(name: Name, value: FieldValues[Name] | undefined) => {
    if (value === undefined) return;
    const known: (Told & { value: FieldValues[Name] }) | undefined = source.fields[name];
    const order = known ? compareTold(told, known) : 1;
    if (order < 0 || (known && order === 0 && isSameJson(known.value, value))) return;
    if (known && order === 0) {
      conflicts.push({ field: name, version: told.version });
      if (canonicalJson(known.value) > canonicalJson(value)) return;
    }
    const { fields }: { fields: { [name in Name]?: Told & { value: FieldValues[name] } } } = source;
    fields[name] = { version: told.version, at: told.at, value };
  };
  tell("number", invoice.number);
  tell("externalId", invoice.externalId);
  tell("customerRecord", customerRecord);
  tell("customerName", invoice.customer?.name);
  tell("state", invoice.state);
  tell("currency", currencyOf(invoice));
  tell("issuedOn", invoice.issuedOn);
  tell("dueOn", invoice.dueOn);
  tell("references", invoice.references);
  tell("lines", invoice.lines);
  tell("paymentIds", invoice.paymentIds?.toSorted());
  tell("creditIds", invoice.creditIds?.toSorted());
  tell("description", invoice.description);
  tell("payUrl", invoice.payUrl);
  tell("documentRef", invoice.documentRef);
  conflicts.push(...mergeMoney(source, invoice, told));
  if (invoice.overdue) mergeOverdue(source, invoice.dueOn);
  return conflicts;
}

function currencyOf(invoice: Invoice): string | undefined {
  const amount = invoice.total ?? invoice.due ?? invoice.paid ?? invoice.credited;
  return invoice.currency ?? amount?.currency;
}

function mergeMoney(source: SourceFacts, invoice: Invoice, told: Told): Conflict[] {
  const said: MoneyTold = {
    ...told,
    ...(invoice.total && { total: invoice.total.amount }),
    ...(invoice.paid && { paid: invoice.paid.amount }),
    ...(invoice.credited && { credited: invoice.credited.amount }),
    ...(invoice.due && { due: invoice.due.amount }),
  };
  const names = ["total", "paid", "credited", "due"] as const;
  if (names.every((name) => said[name] === undefined)) return [];
  const at = source.money.findIndex((other) => compareTold(other, said) >= 0);
  const known = source.money[at];
  if (!known || compareTold(known, said) !== 0) {
    source.money.splice(at < 0 ? source.money.length : at, 0, said);
    if (source.money.length > keptTellings) source.money.shift();
    return [];
  }
  const conflicts: Conflict[] = [];
  for (const name of names) {
    const value = said[name];
    const before = known[name];
    if (value === undefined || value === before) continue;
    if (before !== undefined) conflicts.push({ field: name, version: told.version });
    known[name] = Math.max(value, before ?? value);
  }
  return conflicts;
}

/** Remembers that it was overdue for a due date; a later telling does not take that back. */
export function mergeOverdue(source: SourceFacts, dueOn = ""): void {
  if (source.overdueFor.includes(dueOn)) return;
  source.overdueFor = [...source.overdueFor, dueOn].sort();
}

/** A refund is a payment of its own, even where the system gives it the id of what it refunds. */
export function paymentKey(payment: { id: string; stage: string }): string {
  return payment.stage === "refunded" ? `refund:${payment.id}` : payment.id;
}

/** Takes a payment in by its id; a later stage replaces an earlier one. */
export function mergePayment(source: SourceFacts, payment: PaymentTold): void {
  const at = source.payments.findIndex((known) => paymentKey(known) === paymentKey(payment));
  const known = source.payments[at];
  if (!known) {
    source.payments.push(payment);
    source.payments.sort(byId);
    return;
  }
  const order = compareTold(payment, known) || stageRank[payment.stage] - stageRank[known.stage];
  if (order > 0 || (order === 0 && text(payment) > text(known))) source.payments[at] = payment;
}

/** Takes a credit in by its id; a later telling replaces an earlier one. */
export function mergeCredit(source: SourceFacts, credit: CreditTold): void {
  const at = source.credits.findIndex((known) => known.id === credit.id);
  const known = source.credits[at];
  if (!known) {
    source.credits.push(credit);
    source.credits.sort(byId);
    return;
  }
  const order = compareTold(credit, known);
  if (order > 0 || (order === 0 && text(credit) > text(known))) source.credits[at] = credit;
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const text = (value: PaymentTold | CreditTold) => canonicalJson({ ...value });
