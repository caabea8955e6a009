import type { Credit, Payment, Settlement } from "#domain/invoice.ts";
import { bookingOf, booksOf } from "./bookings.ts";
import {
  compareTold,
  type CreditTold,
  type Facts,
  type PaymentTold,
  type SourceFacts,
  type Told,
  toldLast,
} from "./facts.ts";
import { effectOfCredit, effectOfPayment, stepAt, stepsOf } from "./merge-items.ts";
import { totalOf } from "./pieces.ts";
import { sumsOf } from "./sums.ts";

export interface Settled extends Settlement {
  payments: Payment[];
  credits: Credit[];
}

/**
 * The sums and payments of an invoice from all that was told, the same for every order of arrival.
 * The owner's latest sums hold; what it itemised later adds to them; what only a contributor told is
 * counted until the owner books it (design, section 3, rules 2 and 4). What was told in another currency
 * than the invoice's counts nothing.
 */
export function settle(facts: Facts, currency: string | undefined): Settled {
  const told = facts.sources[facts.owner];
  if (!told) throw new Error(`The owner ${facts.owner} told nothing`);
  const isOurs = (item: { currency?: string }) =>
    item.currency === undefined || item.currency === currency;
  const owner = standing(told);
  const sums = sumsOf(owner, currency);
  const own = owner.payments.filter((payment) => isOurs(payment) && !isFailedRefund(payment));
  const payments = own.map((payment) => shown(facts.owner, payment, true));
  const others = contributors(facts);
  const { unbooked, beside } =
    others.length === 0 ? nothingBeside : bookingOf(others, booksOf(own, sums), currency);
  for (const { connection, payment, isBooked } of beside) {
    if (!isFailedRefund(payment)) payments.push(shown(connection, payment, isBooked));
  }
  const { total, credited, otherwise } = sums;
  const paid = sums.paid + unbooked;
  return {
    total,
    paid,
    credited,
    due: total - paid - credited - otherwise,
    inferred: totalOf(sums.pieces),
    unbooked,
    // Absent where nothing was: as in events that were written before there was such a sum.
    ...(otherwise !== 0 && { otherwise }),
    payments: payments.sort(byTime),
    credits: owner.credits
      .filter((credit) => isOurs(credit) && !(credit.voided && !credit.steps))
      .map((credit) => shownCredit(facts.owner, credit))
      .sort(byTime),
  };
}

const nothingBeside: ReturnType<typeof bookingOf> = { unbooked: 0, beside: [] };

function contributors({ owner, sources }: Facts): [string, SourceFacts][] {
  return Object.entries(sources)
    .filter(([connection]) => connection !== owner)
    .sort(byName)
    .map(([connection, source]) => [connection, standing(source)]);
}

/** What still stands: what an equally new or newer list leaves out was taken back. */
function standing(source: SourceFacts): SourceFacts {
  const payments = toldLast(source, "paymentIds");
  const credits = toldLast(source, "creditIds");
  if (!payments && !credits) return source;
  const isGone = (item: Told & { id: string }, list: typeof payments) =>
    list !== undefined && compareTold(item, list.telling) <= 0 && !list.value.includes(item.id);
  return {
    ...source,
    payments: source.payments.map((payment): PaymentTold => {
      if (!payments || payment.stage !== "received" || !isGone(payment, payments)) return payment;
      const steps = [...stepsOf(payment, effectOfPayment), stepAt(payments.telling, 0)];
      return { ...payment, stage: "reversed", steps };
    }),
    credits: source.credits.map((credit): CreditTold => {
      if (!credits || credit.voided || !isGone(credit, credits)) return credit;
      const steps = [...stepsOf(credit, effectOfCredit), stepAt(credits.telling, 0)];
      return { ...credit, voided: true, steps };
    }),
  };
}

/** Refunds that a system says failed, as `connection id`. */
export function failedRefundsIn({ sources }: Facts): string[] {
  return Object.entries(sources).flatMap(([connection, { payments }]) =>
    payments.filter(isFailedRefund).map(({ id }) => `${connection} ${id}`),
  );
}

/** Nothing was given back, so there is nothing to show. */
function isFailedRefund({ isRefund, stage }: PaymentTold): boolean {
  return isRefund === true && stage !== "refunded";
}

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
