import { canonicalJson } from "#domain/canonical-json.ts";
import {
  compareTold,
  compareVersions,
  type CreditTold,
  type OverdueTold,
  type PaymentTold,
  type SourceFacts,
  type Step,
  type Told,
} from "./facts.ts";

const stageRank = { pending: 0, failed: 1, received: 2, refunded: 3, reversed: 4 };

/** Remembers that it was found overdue, for the due date that was known then. */
export function mergeOverdue(source: SourceFacts, told: OverdueTold): void {
  const isKnown = source.overdue.some(
    (known) =>
      known.dueOn === told.dueOn &&
      (told.dueOn !== undefined || compareVersions(known, told) === 0) &&
      known.byPortal === told.byPortal,
  );
  if (isKnown) return;
  source.overdue.push(told);
  source.overdue.sort(
    (a, b) => compareVersions(a, b) || ((a.dueOn ?? "") < (b.dueOn ?? "") ? -1 : 1),
  );
}

/** The portal's own rule no longer holds for that due date: the days of grace are others now. */
export function takeBackOverdue(source: SourceFacts, dueOn: string | undefined): void {
  source.overdue = source.overdue.filter((told) => !told.byPortal || told.dueOn !== dueOn);
}

/** A refund is a payment of its own, even where the system gives it the id of what it refunds. */
export function paymentKey(payment: { id: string; stage: string; isRefund?: boolean }): string {
  return payment.stage === "refunded" || payment.isRefund ? `refund:${payment.id}` : payment.id;
}

/** What a payment adds to `paid`. */
export function effectOfPayment({ stage, amount }: PaymentTold): number {
  if (stage === "received") return amount;
  return stage === "refunded" ? 0 - amount : 0;
}

/** What a credit adds to `credited`. */
export function effectOfCredit({ voided, amount }: CreditTold): number {
  return voided ? 0 : amount;
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
  source.payments[at] = later(payment, known, { order, effectOf: effectOfPayment });
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
  source.credits[at] = later(credit, known, { order, effectOf: effectOfCredit });
}

interface Order<T> {
  order: number;
  effectOf: (item: T) => number;
}

/** The newer of two tellings of one payment or credit, with the steps in which its effect changed. */
function later<T extends PaymentTold | CreditTold>(
  item: T,
  known: T,
  { order, effectOf }: Order<T>,
): T {
  const { steps: _, ...rest } = known;
  const last = order > 0 || (order === 0 && text(item) > text(rest)) ? item : known;
  const before = known.steps ?? [stepAt(known, effectOf(known))];
  const all = [...before, stepAt(item, effectOf(item))].sort(compareTold);
  const steps = all.filter(({ effect }, index) => effect !== all[index - 1]?.effect);
  if (steps.at(-1)?.effect !== effectOf(last)) steps.push(stepAt(last, effectOf(last)));
  const { steps: _known, ...newest } = last;
  const isPlain = steps.length === 1 && steps[0] && compareVersions(steps[0], last) === 0;
  return { ...newest, ...(!isPlain && { steps }) } as T;
}

/** How a payment's or credit's effect changed, oldest first. */
export function stepsOf<T extends PaymentTold | CreditTold>(
  item: T,
  effectOf: (item: T) => number,
): Step[] {
  return item.steps ?? [stepAt(item, effectOf(item))];
}

/** From this telling on, it counts so much. */
export function stepAt({ version, at, epoch, readAt, rank }: Told, effect: number): Step {
  const step: Step = { version, at, effect };
  if (epoch !== undefined) step.epoch = epoch;
  if (readAt !== undefined) step.readAt = readAt;
  if (rank !== undefined) step.rank = rank;
  return step;
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const text = (value: object) => canonicalJson({ ...value });
