import { isSameJson } from "#domain/canonical-json.ts";
import type { EventData } from "#domain/event.ts";
import type { Credit, InvoiceView, Payment, Settlement } from "#domain/invoice.ts";
import type { Occurred } from "#domain/time.ts";
import { effectOf, isCounted, refundsLeftOut } from "./money-effects.ts";
import { isSamePayment } from "./view.ts";

/** Two views of an invoice between which money changed. */
interface Money {
  known: InvoiceView;
  after: InvoiceView;
  settlement: Settlement;
  /** When the system said so. */
  toldAt: Occurred;
  /** Refunds that a system says failed, as `connection id`. */
  failedRefunds: string[];
}

type MoneyType =
  | "invoice.adjusted"
  | "invoice.settled"
  | "payment.pending"
  | "payment.received"
  | "payment.failed"
  | "payment.refunded"
  | "payment.reversed"
  | "payment.identified"
  | "payment.booked"
  | "payment.refund_failed";
/** `settlement` is that of the whole message: `withRunningSums` says what stood after each event. */
export type MoneyDraft = {
  [T in MoneyType]: { type: T; data: EventData<T>; occurredAt: Occurred };
}[MoneyType];

/**
 * Credit notes, discounts and corrections. An event's amount is what it added to `credited`: one that
 * only names or dates what was known is no event of its own here.
 */
export function creditDrafts({ known, after, settlement, toldAt }: Money): MoneyDraft[] {
  const drafts: MoneyDraft[] = [];
  let left = after.credited - known.credited;
  for (const [credit, old] of changed(known.credits, after.credits, (a, b) => a.id === b.id)) {
    const difference = countOf(credit) - (old ? countOf(old) : 0);
    const amount = difference > 0 ? Math.min(difference, Math.max(0, left)) : difference;
    if (amount === 0) continue;
    left -= amount;
    const data = { credit, amount, settlement };
    drafts.push({ type: "invoice.adjusted", data, occurredAt: whenOf(credit, old, toldAt) });
  }
  if (left === 0 || drafts.length > 0) return drafts;
  const data = { credit: null, amount: left, settlement };
  return [{ type: "invoice.adjusted", data, occurredAt: toldAt }];
}

const countOf = (credit: Credit) => (credit.voided ? 0 : credit.amount);

/**
 * What was paid, given back or taken back. The amounts of all receipts together are what `paid` grew by:
 * a payment that names or books what was announced before adds nothing and has an event of its own.
 */
export function moneyDrafts(money: Money): MoneyDraft[] {
  const { known, after, settlement, toldAt, failedRefunds } = money;
  const lost = known.payments.filter(
    (old) => !after.payments.some((one) => isSamePayment(old, one)),
  );
  const payments = changed(known.payments, after.payments, isSamePayment);
  const budget = { left: growthOf(money, payments), refunded: refundedBefore(money) };
  const { owner } = after;
  const drafts = payments.flatMap(([payment, old]) => {
    const when = whenOf(payment, old, toldAt);
    return paymentDraft({ payment, old, lost, budget, settlement, owner }, when);
  });
  for (const payment of lost) {
    const { stage, connection, id } = payment;
    if (stage !== "refunded" || !failedRefunds.includes(`${connection} ${id}`)) continue;
    const data = { payment, amount: payment.amount, settlement };
    drafts.push({ type: "payment.refund_failed", data, occurredAt: toldAt });
  }
  return [...drafts, ...toldSums(money, { left: budget.left, isItemised: drafts.length > 0 })];
}

type Pair<T> = [item: T, old: T | undefined];

/** What `paid` grew by through receipts, beyond what had left the balance before. */
function growthOf({ known, after }: Money, payments: Pair<Payment>[]): number {
  let growth = after.paid - known.paid;
  for (const [payment, old] of payments) {
    const effect = effectOf(payment) - (old ? effectOf(old) : 0);
    if (effect < 0 && isCounted(payment, old, after.owner)) growth -= effect;
  }
  const named = Math.max(0, (known.otherwise ?? 0) - Math.max(0, after.otherwise ?? 0));
  return Math.max(0, growth - named - refundsLeftOut({ known, after }));
}

/** Refunds that a contributor told before and that the owner's books show from now on. */
function refundedBefore({ known, after, failedRefunds }: Money): number {
  const isBooked = (old: Payment) => {
    const now = after.payments.find((one) => isSamePayment(old, one));
    return now ? now.booked : !failedRefunds.includes(`${old.connection} ${old.id}`);
  };
  return known.payments
    .filter(({ stage, booked }) => stage === "refunded" && !booked)
    .reduce((sum, old) => (isBooked(old) ? sum + old.amount : sum), 0);
}

interface Paid {
  payment: Payment;
  old: Payment | undefined;
  /** Entries that are shown no more. */
  lost: Payment[];
  /** What receipts of this telling may still add, and which part of its refunds was told before. */
  budget: { left: number; refunded: number };
  settlement: Settlement;
  owner: string;
}

function paymentDraft(paid: Paid, occurredAt: Occurred): MoneyDraft[] {
  const { payment, old, settlement } = paid;
  if (payment.stage === "refunded") return refundDraft(paid, occurredAt);
  const type = `payment.${payment.stage}` as const;
  const isNews = payment.stage !== old?.stage || payment.amount !== old.amount;
  if (payment.stage !== "received") {
    if (!isNews) return [];
    const before = old && old.stage === payment.stage ? old.amount : 0;
    return [{ type, data: { payment, amount: payment.amount - before, settlement }, occurredAt }];
  }
  const wanted = effectOf(payment) - (old ? effectOf(old) : 0);
  const amount = Math.min(wanted, paid.budget.left);
  if (wanted < 0)
    return [
      { type: "payment.received", data: { payment, amount: wanted, settlement }, occurredAt },
    ];
  if (amount > 0) {
    paid.budget.left -= amount;
    return [{ type: "payment.received", data: { payment, amount, settlement }, occurredAt }];
  }
  const booked = bookedDraft(paid, occurredAt);
  if (booked) return [booked];
  // With the same words it was only counted differently, which the sums say.
  if (old && isSameJson({ ...payment, booked: true }, { ...old, booked: true })) return [];
  return [{ type: "payment.identified", data: { payment, settlement }, occurredAt }];
}

/** A refund of which another system told before is booked, and none of its own. */
function refundDraft(paid: Paid, occurredAt: Occurred): MoneyDraft[] {
  const { payment, old, settlement, budget, owner } = paid;
  const booked = bookedDraft(paid, occurredAt);
  const added = payment.amount - (old?.amount ?? 0);
  if (added === 0) return booked ? [booked] : [];
  const isOwners = payment.connection === owner;
  const before = isOwners ? Math.min(Math.max(0, added), budget.refunded) : 0;
  budget.refunded -= before;
  const amount = !isOwners && payment.booked ? 0 : added - before;
  if (amount !== 0) {
    return [{ type: "payment.refunded", data: { payment, amount, settlement }, occurredAt }];
  }
  return [booked ?? { type: "payment.identified", data: { payment, settlement }, occurredAt }];
}

/** The owner's books have from now on what a contributor told. */
function bookedDraft(paid: Paid, occurredAt: Occurred): MoneyDraft | undefined {
  const { payment, old, settlement } = paid;
  const replaced = old ? undefined : replacedBy(paid);
  if (!replaced && !(old && payment.booked && !old.booked)) return undefined;
  const replaces = replaced ? { connection: replaced.connection, id: replaced.id } : null;
  return { type: "payment.booked", data: { payment, replaces, settlement }, occurredAt };
}

/** A contributor's entry that the owner's own one stands for from now on. */
function replacedBy({ payment, lost }: Paid): Payment | undefined {
  const at = lost.findIndex(
    ({ stage, connection, amount }) =>
      stage === payment.stage && connection !== payment.connection && amount === payment.amount,
  );
  return at < 0 ? undefined : lost.splice(at, 1)[0];
}

/** Money that was told only as a sum: marked inferred, so that an itemised payment can name it later. */
function toldSums(
  { known, after, settlement, toldAt }: Money,
  { left, isItemised }: { left: number; isItemised: boolean },
): MoneyDraft[] {
  const drafts: MoneyDraft[] = [];
  const changes = sumChanges(known, after);
  const received = Math.min(left, Math.max(0, changes.grew));
  if (received > 0) {
    const data = { payment: null, amount: received, settlement };
    drafts.push({ type: "payment.received", data, occurredAt: toldAt });
  }
  const amount = Math.min(known.paid - after.paid, changes.fell);
  if (amount > 0 && !isItemised) {
    const data = { payment: null, amount, settlement };
    drafts.push({ type: "payment.reversed", data, occurredAt: toldAt });
  }
  const otherwise = (after.otherwise ?? 0) - (known.otherwise ?? 0);
  const isExplained = isItemised || drafts.length > 0 || after.credited !== known.credited;
  if (otherwise > 0 || (otherwise < 0 && !isExplained)) {
    const data = { amount: otherwise, settlement };
    drafts.push({ type: "invoice.settled", data, occurredAt: toldAt });
  }
  return drafts;
}

/**
 * What grew or fell of the sums by what was told. What is left unbooked changes with the owner's word, too,
 * which is no news of a contributor's money.
 */
function sumChanges(known: InvoiceView, after: InvoiceView): { grew: number; fell: number } {
  const inferred = after.inferred - known.inferred;
  const unbooked = after.unbooked - known.unbooked;
  const own = after.paid - known.paid - unbooked;
  const isOwners = own !== 0 || after.due + after.unbooked !== known.due + known.unbooked;
  if (isOwners)
    return { grew: inferred, fell: Math.min(-own, unbookedAgain(known, after) - inferred) };
  return { grew: inferred + unbooked, fell: -unbooked };
}

/** Contributors' payments that the owner's sums had, and have no more. */
function unbookedAgain(known: InvoiceView, after: InvoiceView): number {
  return after.payments.reduce((sum, payment) => {
    const old = known.payments.find((one) => isSamePayment(one, payment));
    const isAgain = payment.stage === "received" && !payment.booked && old?.booked === true;
    return isAgain ? sum + payment.amount : sum;
  }, 0);
}

/** What was only taken back or changed, without a time of its own, happened when it was told. */
function whenOf(
  item: { occurredAt: Occurred },
  old: { occurredAt: Occurred } | undefined,
  toldAt: Occurred,
): Occurred {
  return item.occurredAt === old?.occurredAt ? toldAt : item.occurredAt;
}

/** Items that are new or differ, each with what was known of it. */
function changed<T extends Payment | Credit>(
  known: T[],
  after: T[],
  isSame: (a: T, b: T) => boolean,
): Pair<T>[] {
  const pairs = after.map((item): Pair<T> => [
    item,
    known.find((other) => other.connection === item.connection && isSame(other, item)),
  ]);
  return pairs.filter(([item, old]) => !old || !isSameJson({ ...item }, { ...old }));
}
