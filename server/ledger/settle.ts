import type { Credit, Payment, Settlement } from "#server/domain/invoice.ts";
import { dayMs, roughMs } from "#server/domain/time.ts";
import {
  compareTold,
  type CreditTold,
  type Facts,
  type PaymentTold,
  type SourceFacts,
  type Told,
} from "./facts.ts";

/** A contributor's payment counts as booked by a payment of the same amount within this time. */
const bookedWithinMs = 10 * dayMs;

/** Part of what was paid that no payment explains, at the telling that showed it. */
interface Piece {
  amount: number;
  at: string;
}

interface Money {
  total: number;
  paid: number;
  credited: number;
  pieces: Piece[];
}

export interface Settled extends Settlement {
  payments: Payment[];
  credits: Credit[];
}

/**
 * The sums and payments of an invoice from all that was told, the same for every order of arrival.
 * The owner's latest sums hold; what it itemised later adds to them; what only a contributor told is
 * counted until the owner books it (design, section 3, rules 2 and 4).
 */
export function settle(facts: Facts): Settled {
  const told = facts.sources[facts.owner];
  if (!told) throw new Error(`The owner ${facts.owner} told nothing`);
  const owner = standing(told);
  const money = sumsOf(owner);
  const pieces = money.pieces;
  const payments = owner.payments.map((payment) => shown(facts.owner, payment, true));
  let unbooked = 0;
  for (const [connection, source] of Object.entries(facts.sources).sort(byName)) {
    if (connection === facts.owner) continue;
    const booking = bookings(standing(source), owner.payments, pieces);
    unbooked += booking.unbooked;
    payments.push(...booking.shown.map(([payment, booked]) => shown(connection, payment, booked)));
  }
  const paid = money.paid + unbooked;
  return {
    total: money.total,
    paid,
    credited: money.credited,
    due: money.total - paid - money.credited,
    inferred: pieces.reduce((sum, piece) => sum + piece.amount, 0),
    unbooked,
    payments: payments.sort(byTime),
    credits: owner.credits.map((credit) => shownCredit(facts.owner, credit)).sort(byTime),
  };
}

/** What still stands: what an equally new or newer list leaves out was taken back. */
function standing(source: SourceFacts): SourceFacts {
  const { paymentIds, creditIds } = source.fields;
  if (!paymentIds && !creditIds) return source;
  const isGone = (item: Told & { id: string }, list: typeof paymentIds) =>
    list !== undefined && compareTold(item, list) <= 0 && !list.value.includes(item.id);
  return {
    ...source,
    payments: source.payments.map((payment) =>
      payment.stage === "received" && isGone(payment, paymentIds)
        ? { ...payment, stage: "reversed" }
        : payment,
    ),
    credits: source.credits.map((credit) =>
      !credit.voided && isGone(credit, creditIds) ? { ...credit, voided: true } : credit,
    ),
  };
}

/** One source's own account: its latest sums, and what it itemised after them. */
function sumsOf(source: SourceFacts): Money {
  let total = source.money.find((telling) => telling.total !== undefined)?.total ?? 0;
  let paid = 0;
  let credited = 0;
  let previous: Told | null = null;
  const pieces: Piece[] = [];
  const creditPieces: Piece[] = [];
  for (const telling of source.money) {
    const since = previous;
    const isNew = (item: Told) =>
      compareTold(item, telling) <= 0 && (since === null || compareTold(item, since) > 0);
    const paidSince = sum(source.payments.filter(isNew).map(effectOf));
    const creditedSince = sum(source.credits.filter(isNew).map(creditOf));
    total = telling.total ?? total;
    const nowCredited: number =
      telling.credited ??
      (telling.paid !== undefined && telling.due !== undefined
        ? total - telling.paid - telling.due
        : credited + creditedSince);
    const nowPaid: number =
      telling.paid ??
      (telling.due === undefined ? paid + paidSince : total - telling.due - nowCredited);
    addPiece(pieces, { amount: nowPaid - paid - paidSince, at: telling.at });
    addPiece(creditPieces, { amount: nowCredited - credited - creditedSince, at: telling.at });
    paid = nowPaid;
    credited = nowCredited;
    previous = telling;
  }
  const isLater = (item: Told) => previous === null || compareTold(item, previous) > 0;
  for (const payment of source.payments.filter(isLater)) {
    if (!takePiece(pieces, effectOf(payment))) paid += effectOf(payment);
  }
  for (const credit of source.credits.filter(isLater)) {
    const amount = creditOf(credit);
    if (takePiece(creditPieces, amount)) continue;
    // A smaller balance came first and was taken for a payment: the credit note says what it was.
    if (takePiece(pieces, amount)) paid -= amount;
    credited += amount;
  }
  return { total, paid, credited, pieces };
}

/** Pieces of opposite sign cancel out: a payment was told in another telling than the sum it is in. */
function addPiece(pieces: Piece[], piece: Piece): void {
  let rest = piece.amount;
  for (const other of [...pieces]) {
    if (rest === 0) return;
    if (Math.sign(other.amount) === Math.sign(rest)) continue;
    const cancelled = Math.min(Math.abs(other.amount), Math.abs(rest)) * Math.sign(rest);
    other.amount += cancelled;
    rest -= cancelled;
    if (other.amount === 0) pieces.splice(pieces.indexOf(other), 1);
  }
  if (rest !== 0) pieces.push({ amount: rest, at: piece.at });
}

/** Uses up a piece of exactly this amount, near in time if that is asked. */
function takePiece(pieces: Piece[], amount: number, near?: number): boolean {
  const at = pieces.findIndex(
    (piece) =>
      piece.amount === amount &&
      (near === undefined || Math.abs(roughMs(piece.at) - near) <= bookedWithinMs),
  );
  if (at < 0 || amount === 0) return false;
  pieces.splice(at, 1);
  return true;
}

/** Which of a contributor's payments the owner has booked: same id, else same amount within ten days. */
function bookings(source: SourceFacts, booked: PaymentTold[], pieces: Piece[]) {
  const free = [...booked];
  const take = (test: (own: PaymentTold) => boolean) => {
    const at = free.findIndex(test);
    return at >= 0 && free.splice(at, 1).length > 0;
  };
  let unbooked = 0;
  const shownPayments: [PaymentTold, boolean][] = [];
  for (const payment of [...source.payments].sort(byTime)) {
    const amount = effectOf(payment);
    const when = roughMs(payment.occurredAt);
    const isSame = (own: PaymentTold) =>
      effectOf(own) === amount && Math.abs(roughMs(own.occurredAt) - when) <= bookedWithinMs;
    if (take((own) => own.id === payment.id && effectOf(own) === amount)) continue;
    if (amount !== 0 && take(isSame)) continue;
    const isBooked = amount === 0 || takePiece(pieces, amount, when);
    if (!isBooked) unbooked += amount;
    shownPayments.push([payment, isBooked]);
  }
  for (const piece of sumsOf(source).pieces) {
    const when = roughMs(piece.at);
    const isSame = (own: PaymentTold) =>
      effectOf(own) === piece.amount && Math.abs(roughMs(own.occurredAt) - when) <= bookedWithinMs;
    if (!take(isSame) && !takePiece(pieces, piece.amount, when)) unbooked += piece.amount;
  }
  return { unbooked, shown: shownPayments };
}

/** What a payment adds to `paid`. */
function effectOf({ stage, amount }: PaymentTold): number {
  if (stage === "received") return amount;
  return stage === "refunded" ? -amount : 0;
}

const creditOf = (credit: CreditTold) => (credit.voided ? 0 : credit.amount);
const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

function byTime(a: { occurredAt: string; id: string }, b: { occurredAt: string; id: string }) {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

// Both in their schema's order, as they are read from an event again: a replay gives the same text.
function shown(connection: string, told: PaymentTold, booked: boolean): Payment {
  const { id, stage, amount, reference, method, reason, occurredAt } = told;
  return {
    connection,
    id,
    stage,
    amount,
    ...(reference !== undefined && { reference }),
    ...(method !== undefined && { method }),
    ...(reason !== undefined && { reason }),
    occurredAt,
    booked,
  };
}

function shownCredit(connection: string, told: CreditTold): Credit {
  const { id, type, amount, reason, voided, occurredAt } = told;
  return {
    connection,
    id,
    type,
    amount,
    ...(reason !== undefined && { reason }),
    ...(voided !== undefined && { voided }),
    occurredAt,
  };
}
