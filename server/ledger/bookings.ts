import { dayMs, type Occurred, roughMs } from "#domain/time.ts";
import type { PaymentTold, SourceFacts } from "./facts.ts";
import { effectOfPayment, stepsOf } from "./merge-items.ts";
import {
  type Beside,
  type Booked,
  type Books,
  fill,
  grownIn,
  isSince,
  lostIn,
  type Wanted,
} from "./growth.ts";
import { takeExact } from "./pieces.ts";
import { type Sums, sumsOf } from "./sums.ts";

/** A contributor's payment is the owner's of the same amount within this time. */
const bookedWithinMs = 10 * dayMs;

export function booksOf(payments: PaymentTold[], sums: Sums): Books {
  const free = new Map<PaymentTold, Booked>();
  for (const payment of payments) {
    const steps = stepsOf(payment, effectOfPayment);
    const effect = effectOfPayment(payment);
    const counted = effect === 0 ? steps.findLast((step) => step.effect > 0) : undefined;
    const amount = counted?.effect ?? effect;
    const first = steps.find((step) => step.effect === amount);
    if (amount === 0 || !first) continue;
    const [toldAt, on] = [first.at, payment.occurredAt];
    free.set(payment, { amount, toldAt, on, ...(counted && { isGone: true }) });
  }
  return { payments, sums, free };
}

interface Booking {
  /** Money of contributors that the owner does not show yet. */
  unbooked: number;
  beside: Beside[];
}

/**
 * Finds the contributors' money in the owner's books: by the same id, by the same amount within ten days,
 * else in what the owner's books grew by since: net of fees, in parts, or weeks later. So it is never
 * counted twice, nor beyond what the owner asks for. A refund lowers nothing, and what the owner took
 * back again is not counted in its place (design, section 3, rule 4).
 */
export function bookingOf(
  sources: [connection: string, source: SourceFacts][],
  books: Books,
  currency: string | undefined,
): Booking {
  const beside: Beside[] = [];
  const wanted: Wanted[] = [];
  const told = sources.map(([connection, source]) => ({
    ...{ connection, source },
    payments: source.payments
      .filter((payment) => payment.currency === undefined || payment.currency === currency)
      .toSorted(byTime),
  }));
  const ids = new Set(told.flatMap(({ payments }) => payments.map(({ id }) => id)));
  for (const { connection, source, payments } of told) {
    for (const payment of payments) {
      if (isOwners(payment, books, ids)) continue;
      const amount = effectOfPayment(payment);
      const entry = { connection, payment, isBooked: amount === 0 };
      entry.isBooked ||= takesSum(books.sums, amount, payment.occurredAt);
      beside.push(entry);
      if (!entry.isBooked) wanted.push(wantedBy(amount, payment.occurredAt, entry));
    }
    for (const { amount, at } of sumsOf(source, currency).pieces) {
      if (amount <= 0 || takesItem(books, amount, at) || takesSum(books.sums, amount, at)) continue;
      wanted.push(wantedBy(amount, at, { connection }));
    }
  }
  const { total, paid, credited, otherwise } = books.sums;
  const due = Math.max(0, total - paid - credited - otherwise);
  findInGrowth(wanted, books, due);
  const unbooked = wanted.reduce((sum, { amount, left }) => (amount > 0 ? sum + left : sum), 0);
  return { unbooked: Math.min(unbooked, due), beside };
}

function wantedBy(amount: number, at: Occurred, entry: Wanted["entry"]): Wanted {
  return { amount, at, entry, left: Math.abs(amount), standing: 0, foundAt: "", isGone: false };
}

/** `due`: what the owner itself still asks for. */
function findInGrowth(wanted: Wanted[], books: Books, due: number): void {
  if (wanted.length === 0) return;
  const inOrder = wanted.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
  const grown = grownIn(books);
  const lost = lostIn(books);
  for (const part of inOrder) fill(part, { from: part.amount > 0 ? grown : lost, books });
  for (const { entry, left, standing } of inOrder) {
    // Where the owner asks for nothing more, the rest was a fee.
    entry.isBooked = standing > 0 && (left === 0 || due === 0);
  }
  for (const connection of new Set(wanted.map(({ entry }) => entry.connection))) {
    leaveOutRefunded(inOrder.filter(({ entry }) => entry.connection === connection));
  }
}

/** What the owner booked after a refund may be what was left of the money by then. */
function leaveOutRefunded(wanted: Wanted[]): void {
  const payments = wanted.filter(({ amount }) => amount > 0);
  const left = payments.reduce((sum, part) => sum + part.left, 0);
  const toldAt = payments.reduce((last, { foundAt }) => (foundAt > last ? foundAt : last), "");
  if (left === 0 || toldAt === "") return;
  const refunds = wanted.filter(
    (part) => part.amount < 0 && part.left > 0 && isSince({ toldAt }, part.at),
  );
  if (left > refunds.reduce((sum, refund) => sum + refund.left, 0)) return;
  for (const part of [...payments, ...refunds]) {
    if (part.left > 0) part.entry.isBooked = true;
    part.left = 0;
  }
}

/** Whether the owner itemised the very payment: the same id, else the same amount about then. */
function isOwners(payment: PaymentTold, books: Books, ids: Set<string>): boolean {
  const amount = effectOfPayment(payment);
  const { payments, free } = books;
  if (amount === 0) {
    return payments.some((own) => own.id === payment.id && effectOfPayment(own) === 0);
  }
  const named = payments.find((own) => own.id === payment.id && free.get(own)?.amount === amount);
  if (!named) return takesItem(books, amount, payment.occurredAt, ids);
  free.delete(named);
  return true;
}

/** Uses up an itemised payment of the owner of this amount, whose id names no other one. */
function takesItem({ free }: Books, amount: number, at: Occurred, ids?: Set<string>): boolean {
  const isAlike = ([own, booked]: [PaymentTold, Booked]) =>
    booked.amount === amount && ids?.has(own.id) !== true;
  const alike = [...free].filter(isAlike);
  const found =
    alike.find(([own, { isGone }]) => !isGone && isNear(own.occurredAt, at)) ??
    alike.find(([, booked]) => booked.isGone === true && isSince(booked, at));
  return found !== undefined && free.delete(found[0]);
}

/** Uses up what the owner told only as a sum; what left its balance without a word was this payment. */
function takesSum(sums: Sums, amount: number, at: Occurred): boolean {
  const near = { ms: roughMs(at), within: bookedWithinMs };
  if (takeExact(sums.pieces, amount, near)) return true;
  if (!takeExact(sums.others, amount, near)) return false;
  sums.otherwise -= amount;
  sums.paid += amount;
  return true;
}

function isNear(a: Occurred, b: Occurred): boolean {
  return Math.abs(roughMs(a) - roughMs(b)) <= bookedWithinMs;
}

function byTime(a: PaymentTold, b: PaymentTold): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
