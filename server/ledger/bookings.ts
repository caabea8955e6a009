import { dayMs, roughMs } from "#domain/time.ts";
import type { PaymentTold, SourceFacts } from "./facts.ts";
import { effectOfPayment } from "./merge-items.ts";
import { drop, isSince, type Piece, takeExact, takeParts } from "./pieces.ts";
import { type Sums, sumsOf } from "./sums.ts";

/** A contributor's payment is the owner's of the same amount within this time. */
const bookedWithinMs = 10 * dayMs;

/** What the owner's own account offers to find a contributor's payments in; it is used up. */
interface Books {
  payments: PaymentTold[];
  sums: Sums;
  /** What of each itemised payment no contributor's payment has been found in. */
  free: Map<PaymentTold, Piece>;
}

export function booksOf(payments: PaymentTold[], sums: Sums): Books {
  const received = payments.filter((payment) => effectOfPayment(payment) > 0);
  const free = new Map(
    received.map((payment) => [payment, { amount: payment.amount, at: payment.occurredAt }]),
  );
  return { payments, sums, free };
}

interface Booking {
  /** Money of this contributor that the owner does not show yet. */
  unbooked: number;
  /** Its payments that stand beside the owner's, and whether the owner's sums have them. */
  shown: { payment: PaymentTold; isBooked: boolean }[];
}

/**
 * Finds a contributor's money in the owner's books: by the same id, by the same amount within ten days,
 * else in what the owner's books grew by since: net of fees, in parts, or weeks later. So it is never
 * counted twice. A refund lowers nothing: whom it concerns, the owner says (design, section 3, rule 4).
 */
export function bookingOf(
  source: SourceFacts,
  books: Books,
  currency: string | undefined,
): Booking {
  const shown: Booking["shown"] = [];
  const open: { need: number; at: string; entry?: Booking["shown"][number] }[] = [];
  for (const payment of source.payments.toSorted(byTime)) {
    if (payment.currency !== undefined && payment.currency !== currency) continue;
    if (isOwners(payment, books)) continue;
    const amount = effectOfPayment(payment);
    const entry = { payment, isBooked: amount === 0 || takesPiece(books, amount, payment) };
    shown.push(entry);
    if (!entry.isBooked && amount > 0) {
      open.push({ need: amount, at: payment.occurredAt, entry });
    }
  }
  for (const { amount, at } of sumsOf(source, currency).pieces) {
    if (amount > 0 && !takesSum(books, amount, at)) open.push({ need: amount, at });
  }
  let unbooked = 0;
  let grew = 0;
  for (const part of open) {
    const found = takeGrowth(books, part.need, part.at);
    grew += found;
    part.need -= found;
    unbooked += part.need;
    if (part.entry) part.entry.isBooked = part.need === 0;
  }
  const refunded = source.payments.reduce(
    (sum, payment) => sum - Math.min(0, effectOfPayment(payment)),
    0,
  );
  // The owner booked what was left after the refund.
  if (grew === 0 || unbooked > refunded) return { unbooked, shown };
  for (const { entry } of open) if (entry) entry.isBooked = true;
  return { unbooked: 0, shown };
}

/** Whether the owner itemised the very payment: the same id, else the same amount about then. */
function isOwners(payment: PaymentTold, { payments, free }: Books): boolean {
  const amount = effectOfPayment(payment);
  const isFree = (own: PaymentTold) =>
    amount <= 0 || free.get(own)?.amount === effectOfPayment(own);
  const own =
    payments.find((other) => other.id === payment.id && effectOfPayment(other) === amount) ??
    payments.find(
      (other) =>
        amount !== 0 &&
        effectOfPayment(other) === amount &&
        isFree(other) &&
        isNear(other.occurredAt, payment.occurredAt),
    );
  if (own) free.delete(own);
  return own !== undefined;
}

function takesPiece({ sums }: Books, amount: number, { occurredAt }: PaymentTold): boolean {
  const near = { ms: roughMs(occurredAt), within: bookedWithinMs };
  return takeExact(sums.pieces, amount, near) || takesOther(sums, amount, near);
}

function takesSum(books: Books, amount: number, at: string): boolean {
  const near = { ms: roughMs(at), within: bookedWithinMs };
  const own = books.payments.find(
    (other) => books.free.get(other)?.amount === amount && isNear(other.occurredAt, at),
  );
  if (own) books.free.delete(own);
  return (
    own !== undefined ||
    takeExact(books.sums.pieces, amount, near) ||
    takesOther(books.sums, amount, near)
  );
}

/** What left the owner's balance without a word was this payment. */
function takesOther(sums: Sums, amount: number, near: { ms: number; within: number }): boolean {
  if (!takeExact(sums.others, amount, near)) return false;
  sums.otherwise -= amount;
  sums.paid += amount;
  return true;
}

/** Uses up what the owner's books grew by from then on; gives how much of it. */
function takeGrowth({ sums, free }: Books, need: number, since: string): number {
  const isLater = (piece: Piece) => piece.amount > 0 && isSince(piece.at, since);
  let found = takeParts([...free.values()].filter(isLater), need);
  found += takeParts(sums.pieces.filter(isLater), need - found);
  const other = takeParts(sums.others.filter(isLater), need - found);
  sums.otherwise -= other;
  sums.paid += other;
  drop(sums.pieces);
  drop(sums.others);
  return found + other;
}

function isNear(a: string, b: string): boolean {
  return Math.abs(roughMs(a) - roughMs(b)) <= bookedWithinMs;
}

function byTime(a: PaymentTold, b: PaymentTold): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
