import type { ConnectorKind, InvoiceSnapshot, Line, Reference, Version } from "#domain/change.ts";
import type { Instant } from "#domain/time.ts";
import type { Whole } from "./telling-text.ts";

/** Which telling it was: the system's own version, and how tellings of one version are ordered. */
export interface Told {
  version: Version;
  /** The instant of which the system speaks. */
  at: Instant;
  /** From when the system's versions count anew, because finance said so. */
  epoch?: Instant;
  /** When the portal asked for it; absent where the system sent it. */
  readAt?: Instant;
  /** Place among the messages of one version, by their type. */
  rank?: number;
}

/** What a source may tell of an invoice. */
export interface FieldValues {
  number: string;
  externalId: string;
  customerRecord: string;
  customerName: string;
  customerKey: string;
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
export type Fields = { [name in FieldName]?: FieldValues[name] };

/** The sums of one telling, minor units in the currency that stands with them. */
export interface SumsTold {
  currency?: string;
  total?: number;
  paid?: number;
  credited?: number;
  due?: number;
  /** What lowered `due`, if the message says so. */
  balanceBy?: "payment" | "credit";
}

/** One telling of the invoice, whole. */
export interface Telling extends Told {
  /** What it told: decides between tellings that nothing else orders. */
  whole: Whole;
  sums?: SumsTold;
  /** What no newer telling told; of `historic` fields everything. */
  fields: Fields;
}

export interface PaymentTold extends Told {
  id: string;
  stage: "pending" | "received" | "failed" | "refunded" | "reversed";
  /** The id is a refund's, whatever its stage. */
  isRefund?: boolean;
  amount: number;
  currency?: string;
  reference?: string;
  method?: string;
  reason?: string;
  occurredAt: string;
  /** How its effect on `paid` changed, oldest first; absent while it was always the same. */
  steps?: Step[];
}

export interface CreditTold extends Told {
  id: string;
  type: "credit_note" | "discount" | "correction";
  amount: number;
  currency?: string;
  voided?: boolean;
  reason?: string;
  occurredAt: string;
  steps?: Step[];
}

/** From this telling on, a payment or credit counted so much. */
export interface Step extends Told {
  effect: number;
}

export interface OverdueTold extends Told {
  dueOn?: string;
  /** The portal's own rule found it, not the system. */
  byPortal?: boolean;
}

/** What one connection told of one invoice; merging is commutative, so arrival order does not matter. */
export interface SourceFacts {
  kind: ConnectorKind;
  /** Oldest first. */
  tellings: Telling[];
  payments: PaymentTold[];
  credits: CreditTold[];
  overdue: OverdueTold[];
}

export interface Facts {
  /** The connection that decides totals and status. */
  owner: string;
  sources: Record<string, SourceFacts>;
}

/**
 * Negative when `a` is of an older version. Revisions compare as numbers, instants as instants, mixed
 * ones by when they were told.
 */
export function compareVersions(a: Told, b: Told): number {
  if (a.epoch !== b.epoch) return (a.epoch ?? "") < (b.epoch ?? "") ? -1 : 1;
  if (typeof a.version === "number" && typeof b.version === "number") return a.version - b.version;
  const left = typeof a.version === "string" ? a.version : a.at;
  const right = typeof b.version === "string" ? b.version : b.at;
  if (left !== right) return left < right ? -1 : 1;
  return Number(typeof a.version === "number") - Number(typeof b.version === "number");
}

/**
 * The same, and of one version in the order of the messages' types: a payment may have happened between
 * two of them.
 */
export function compareRanked(a: Told, b: Told): number {
  return compareVersions(a, b) || (a.rank ?? 0) - (b.rank ?? 0);
}

/**
 * Negative when `a` is the older telling. Of one version a reading stands above what was sent, the later
 * of two readings above the earlier one, then the type of the message decides (design, section 3, rule 1).
 */
export function compareTold(a: Told, b: Told): number {
  const order = compareVersions(a, b);
  if (order !== 0) return order;
  if (a.readAt !== b.readAt) return (a.readAt ?? "") < (b.readAt ?? "") ? -1 : 1;
  return (a.rank ?? 0) - (b.rank ?? 0);
}

export function newSource(kind: ConnectorKind): SourceFacts {
  return { kind, tellings: [], payments: [], credits: [], overdue: [] };
}

/** What the newest telling that told it said of a field, with that telling. */
export function toldLast<Name extends FieldName>(
  { tellings }: SourceFacts,
  name: Name,
): { value: FieldValues[Name]; telling: Telling } | undefined {
  for (let at = tellings.length - 1; at >= 0; at--) {
    const telling = tellings[at];
    const value = telling?.fields[name];
    if (telling && value !== undefined) return { value, telling };
  }
  return undefined;
}
