import type { Db } from "#db/connect.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import { isOpen, mayMove } from "#domain/dispute.ts";
import { wholeAmount } from "#domain/disputed-amount.ts";
import type { DisputeMove, Draft } from "#domain/event.ts";
import { roughMs } from "#domain/time.ts";
import { creditedBefore } from "./credited-before.ts";
import { freeNumber } from "./dispute-number.ts";
import { firstResponseDueAt, moveType } from "./dispute-rules.ts";
import { tellFinance } from "./notices.ts";
import { events } from "./read.ts";
import { type About, at, idOf, isRepeat, type Said } from "./said-about.ts";

type DisputeTold = Extract<Said, { kind: "dispute" }>;

/** Events of what a system says of a dispute; none when it says what is known already. */
export async function disputeSaid(trx: Db, change: DisputeTold, about: About): Promise<Draft[]> {
  const known = matchDispute(change, about.disputes);
  if (!known) return openedByAccounting(trx, change, about);
  if (change.externalId === undefined && change.state === "open" && isSameOpening(change, known)) {
    return [];
  }
  const isSame = known.state === change.state;
  if (isSame && !tellsMore(change, known)) return [];
  const isStale = await isOlder(trx, change, { known, about });
  const isRefused = !isSame && (!isOpen(known.state) || !mayMove(known.state, change.state));
  // What its own later words or the portal went on from is past; that it ended there, finance must know.
  if (isStale && (isSame || isOpen(change.state) || !isOpen(known.state))) return [];
  if (isStale || isRefused) return conflict(trx, change, { known, about });
  const move: DisputeMove = {
    disputeId: known.id,
    number: known.number,
    from: known.state,
    state: change.state,
    author: about.connection,
    ...(change.message !== undefined && { message: change.message }),
    ...(change.amount && { amount: change.amount.amount }),
    ...(change.externalId !== undefined &&
      change.externalId !== known.id &&
      change.externalId !== known.number && { externalId: change.externalId }),
    ...(change.state === "resolved" && {
      creditedAmount: change.creditedAmount?.amount ?? change.amount?.amount ?? 0,
      creditedBefore: await creditedBefore(trx, known),
    }),
  };
  const place = at(about, change.occurredAt, known.customer_record_id);
  return [{ type: moveType(known.state, change.state), data: move, ...place }];
}

/** Whether it says more than the state that is known. */
function tellsMore(
  { externalId, message, amount, state }: DisputeTold,
  known: DisputeRow,
): boolean {
  return (
    (message !== undefined && message !== known.answer && message !== known.message) ||
    // Of a closed one the amount is what was credited.
    (amount !== undefined && isOpen(state) && amount.amount !== known.amount) ||
    (externalId !== undefined && ![known.id, known.number, known.external_id].includes(externalId))
  );
}

/** By how much a system's clock may be behind ours. */
const clockSkewMs = 5 * 60_000;

/**
 * Whether it was said before what is known. A system's own words are in the order of its clock; what
 * happened by another clock may be some minutes ahead of it, and an answer to what the portal opened
 * follows it in any case.
 */
async function isOlder(
  trx: Db,
  { occurredAt, externalId }: DisputeTold,
  { known, about }: { known: DisputeRow; about: About },
): Promise<boolean> {
  if (occurredAt.length <= 10 || occurredAt >= known.updated_at) return false;
  const [last] = await events(trx, { after: known.sequence - 1, limit: 1 });
  const source = last?.source;
  if (source?.kind === "connection" && source.connection === about.connection) return true;
  const isOurs = externalId === known.id || externalId === known.number;
  if (last?.type === "dispute.opened" && isOurs) return false;
  return roughMs(known.updated_at) - roughMs(occurredAt) > clockSkewMs;
}

/**
 * By external id, by our own id or number, by our marker in the words; a dispute without any of them is
 * the one with the same content, else what moves it concerns the only open one.
 */
function matchDispute(change: DisputeTold, disputes: DisputeRow[]): DisputeRow | undefined {
  const { externalId, message = "" } = change;
  const named =
    disputes.find(
      ({ id, number, external_id }) =>
        externalId !== undefined && [id, number, external_id].includes(externalId),
    ) ?? disputes.find(({ number }) => message.includes(`[${number}#`));
  if (named || externalId !== undefined) return named;
  const open = disputes.filter(({ state }) => isOpen(state));
  if (change.state !== "open") return open.length === 1 ? open[0] : undefined;
  return disputes.find((known) => isSameOpening(change, known));
}

/** Whether a system that gives no ids tells of an opening again. */
function isSameOpening(change: DisputeTold, known: DisputeRow): boolean {
  const { reason = "other", amount, message = "", occurredAt } = change;
  const isSameAmount = amount ? amount.amount === known.amount : known.whole_at !== null;
  return (
    known.opened_side === "supplier" &&
    known.external_id === null &&
    known.reason === reason &&
    known.message === message &&
    isSameAmount &&
    isRepeat(known.opened_at, occurredAt)
  );
}

async function openedByAccounting(trx: Db, change: DisputeTold, about: About): Promise<Draft[]> {
  if (!isOpen(change.state)) return conflict(trx, change, { known: null, about });
  const id = idOf("dsp", about, change.externalId ?? change.occurredAt);
  const whole = change.amount === undefined;
  const dispute = {
    id,
    number: await freeNumber(trx, about.view.number, about.disputes.length),
    reason: change.reason ?? ("other" as const),
    state: change.state,
    amount: change.amount?.amount ?? wholeAmount(about.view),
    whole,
    lines: [],
    message: change.message ?? "",
    ...(change.externalId !== undefined && { externalId: change.externalId }),
    firstResponseDueAt: firstResponseDueAt(about.now),
  };
  const data = { dispute, author: about.connection, side: "supplier" as const };
  return [{ type: "dispute.opened", data, ...at(about, change.occurredAt) }];
}

interface Conflict {
  /** Null: the portal knows no such dispute of this invoice. */
  known: DisputeRow | null;
  about: About;
}

/** What the portal holds stands; finance is told that the system says otherwise. */
async function conflict(
  trx: Db,
  change: DisputeTold,
  { known, about }: Conflict,
): Promise<Draft[]> {
  const dispute = known?.number ?? change.externalId ?? "";
  const details = { dispute, portal: known?.state ?? "unknown", system: change.state };
  const { connection: id, ...place } = about;
  return tellFinance(trx, [{ action: "dispute_conflict", details }], {
    ...place,
    connection: { id },
    toldAt: change.occurredAt,
  });
}
