import type { Change } from "#domain/change.ts";
import { type Instant, plusMs } from "#domain/time.ts";
import type { SourceFacts, Told } from "./facts.ts";
import { mergeCredit, mergeOverdue, mergePayment, takeBackOverdue } from "./merge-items.ts";
import { mergeSnapshot } from "./merge-snapshot.ts";

/** A source later than this after its receipt is wrong about the time. */
const clockSkewMs = 5 * 60_000;

type ToldChange = Exclude<Change, { kind: "fetch" }>;

export interface MergedChanges {
  /** When the system said the newest thing among them. */
  toldAt: Instant;
  /** See `Merged` of merge-snapshot.ts. */
  conflicts: string[];
  isDoubtful: boolean;
  isBehind: boolean;
  /** A version or time lay too far ahead of the receipt and was taken as of then. */
  isAhead: boolean;
}

interface Merge {
  connection: { versionsFrom?: Instant | null };
  receivedAt: Instant;
  byPortal: boolean;
  customerRecord: string | undefined;
}

/** Takes the changes of one delivery about one invoice in. */
export function mergeChanges(
  source: SourceFacts,
  changes: ToldChange[],
  from: Merge,
): MergedChanges {
  const merged: MergedChanges = {
    ...{ toldAt: "", conflicts: [], isDoubtful: false, isBehind: false, isAhead: false },
  };
  for (const change of changes) {
    const { told, isAhead } = toldBy(change, from);
    if (told.at > merged.toldAt) merged.toldAt = told.at;
    merged.isAhead ||= isAhead;
    if (change.kind === "invoice") {
      const found = mergeSnapshot(source, change.invoice, told, from.customerRecord);
      merged.conflicts.push(...found.conflicts);
      merged.isDoubtful ||= found.isDoubtful;
      merged.isBehind ||= found.isBehind;
    } else mergeItem(source, change, { told, byPortal: from.byPortal });
  }
  return merged;
}

function mergeItem(
  source: SourceFacts,
  change: Exclude<ToldChange, { kind: "invoice" }>,
  { told, byPortal }: { told: Told; byPortal: boolean },
): void {
  if (change.kind === "payment") {
    const { paymentId: id, stage, isRefund, occurredAt, reference, method, reason } = change;
    const { amount, currency } = change.amount;
    mergePayment(source, {
      ...told,
      ...{ id, stage, amount, currency, occurredAt },
      ...(isRefund && { isRefund }),
      ...(reference !== undefined && { reference }),
      ...(method !== undefined && { method }),
      ...(reason !== undefined && { reason }),
    });
  }
  if (change.kind === "credit") {
    const { creditId: id, type, occurredAt, voided, reason } = change;
    const { amount, currency } = change.amount;
    mergeCredit(source, {
      ...told,
      ...{ id, type, amount, currency, occurredAt },
      ...(voided && { voided }),
      ...(reason !== undefined && { reason }),
    });
  }
  if (change.kind === "overdue") {
    const { dueOn, takenBack } = change;
    if (takenBack) takeBackOverdue(source, dueOn);
    else {
      const date = dueOn === undefined ? {} : { dueOn };
      mergeOverdue(source, { ...told, ...date, ...(byPortal && { byPortal }) });
    }
  }
}

/**
 * The version a change speaks of; a change without one counts from the moment it was told. What lies more
 * than five minutes after the receipt counts as of the receipt: it would outvote everything later.
 */
function toldBy(
  change: ToldChange,
  { receivedAt, connection }: Merge,
): { told: Told; isAhead: boolean } {
  const { version, toldAt, readAt, rank } = change.kind === "invoice" ? change.invoice : change;
  const said = toldAt ?? (typeof version === "string" ? version : receivedAt);
  const latest =
    said > receivedAt || (typeof version === "string" && version > receivedAt)
      ? plusMs(receivedAt, clockSkewMs)
      : null;
  const at = latest !== null && said > latest ? receivedAt : said;
  const isLate = latest !== null && typeof version === "string" && version > latest;
  const told: Told = { version: isLate ? receivedAt : (version ?? at), at };
  const epoch = connection.versionsFrom;
  if (epoch && receivedAt >= epoch) told.epoch = epoch;
  if (readAt !== undefined) told.readAt = readAt;
  if (rank !== undefined) told.rank = rank;
  return { told, isAhead: isLate || at !== said };
}
