import {
  compareRanked,
  type CreditTold,
  type PaymentTold,
  type SourceFacts,
  type Step,
  type Telling,
  type Told,
} from "./facts.ts";
import { effectOfCredit, effectOfPayment, stepsOf } from "./merge-items.ts";
import { addPiece, type Piece, takeNamed, totalOf } from "./pieces.ts";

/** One source's own account of an invoice, minor units. */
export interface Sums {
  total: number;
  paid: number;
  credited: number;
  /** What left the balance without a payment, a credit or a reason; below 0 where it came back so. */
  otherwise: number;
  /** Parts of `paid` that the source told only as a sum. */
  pieces: Piece[];
  /** Parts of `otherwise`. */
  others: Piece[];
  /** What the source told as a sum and took back as a sum, at the tellings that had showed it. */
  gone: Piece[];
  /** The same at the tellings that took it back. */
  fallen: Piece[];
}

interface Account extends Sums {
  creditPieces: Piece[];
  /** What `paid` still holds although it was given back: some systems leave refunds out of it. */
  gross: number;
  /** Voided or written off: its balance says nothing of payments. */
  isClosed: boolean;
  previous: Told | null;
}

/**
 * What a source told as sums, in the order of its versions, with what it itemised before and after.
 * Tellings in another currency were corrected since and count nothing.
 */
export function sumsOf(source: SourceFacts, currency: string | undefined): Sums {
  const isOurs = (item: { currency?: string }) =>
    currency === undefined || item.currency === undefined || item.currency === currency;
  const payments = source.payments.filter(isOurs);
  const credits = source.credits.filter(isOurs);
  const steps: Steps = { paid: [], refunded: [], credited: [] };
  for (const payment of payments) {
    const changes = changesOf(stepsOf(payment, effectOfPayment));
    steps.paid.push(...changes);
    if (payment.isRefund || payment.stage === "refunded") steps.refunded.push(...changes);
  }
  for (const credit of credits) {
    steps.credited.push(...changesOf(stepsOf(credit, effectOfCredit)));
  }
  const tellings = source.tellings.filter(({ fields }) => isOurs(fields));
  const first = tellings.find(({ sums }) => sums?.total !== undefined)?.sums?.total ?? 0;
  // Written out, because an object that begins as a copy of another costs ten times as much.
  const account: Account = {
    total: first,
    paid: 0,
    credited: 0,
    otherwise: 0,
    gross: 0,
    pieces: [],
    others: [],
    gone: [],
    fallen: [],
    creditPieces: [],
    isClosed: false,
    previous: null,
  };
  for (const telling of tellings) {
    const { state } = telling.fields;
    if (state !== undefined) account.isClosed = state === "void" || state === "written_off";
    if (telling.sums && isOurs(telling.sums)) takeSums(account, telling, steps);
  }
  for (const payment of payments) takePayment(account, payment);
  for (const credit of credits) takeCredit(account, credit);
  return account;
}

/** Steps as differences to what counted before. */
function changesOf(steps: Step[]): Step[] {
  // The first is a difference to nothing.
  if (steps.length < 2) return steps;
  return steps.map((step, index) => ({
    ...step,
    effect: step.effect - (steps[index - 1]?.effect ?? 0),
  }));
}

interface Steps {
  paid: Step[];
  /** Those of `paid` that are refunds. */
  refunded: Step[];
  credited: Step[];
}

/** Goes on from the previous telling of sums to this one. */
function takeSums(account: Account, telling: Telling, steps: Steps): void {
  const { sums = {}, at } = telling;
  const { previous } = account;
  const isNew = (step: Step) =>
    compareRanked(step, telling) <= 0 && (!previous || compareRanked(step, previous) > 0);
  const newIn = (all: Step[]) =>
    all.reduce((total, step) => (isNew(step) ? total + step.effect : total), 0);
  const expected = {
    paid: account.paid + newIn(steps.paid),
    credited: account.credited + newIn(steps.credited),
  };
  account.previous = telling;
  account.total = sums.total ?? account.total;
  let paid = sums.paid ?? expected.paid;
  let credited = sums.credited ?? expected.credited;
  let otherwise = account.otherwise;
  if (sums.due !== undefined && !account.isClosed) {
    let rest = account.total - paid - credited - sums.due;
    // Systems that know no negative balance say 0 of what was overpaid.
    if (sums.due === 0 && rest < 0) rest = 0;
    let fresh = rest - otherwise;
    if (sums.balanceBy === "credit" && sums.credited === undefined) {
      const part = Math.max(fresh, 0 - credited);
      credited += part;
      fresh -= part;
    } else if (sums.balanceBy === "payment" && sums.paid === undefined) {
      paid += fresh;
      fresh = 0;
    } else if (fresh < 0 && sums.paid === undefined) {
      // What was only ever told as a sum is taken back as a sum.
      const back = Math.min(-fresh - Math.max(0, otherwise), totalOf(account.pieces));
      paid -= Math.max(0, back);
      fresh += Math.max(0, back);
    }
    otherwise += fresh;
  } else {
    // Its own sums name what had left the balance before without a word.
    const named = paid - expected.paid + credited - expected.credited;
    otherwise -= Math.max(0, Math.min(named, otherwise));
    // Nothing is asked any more, so nothing came back either.
    if (account.isClosed) otherwise = Math.max(0, otherwise);
  }
  const refunded = Math.max(0, 0 - newIn(steps.refunded));
  // What names a part of a sum in the telling that refunds explains no other money.
  const named = refunded > 0 ? namedBy(account, newIn(steps.paid) + refunded) : 0;
  const unexplained = {
    paid: beyondGross(account, paid - expected.paid + named, refunded) - named,
    credited: credited - expected.credited,
  };
  moveTo(account, { paid, credited, otherwise }, { unexplained, at });
}

/** Goes to these sums; what nothing itemised explains of them becomes pieces. */
function moveTo(
  account: Account,
  { paid, credited, otherwise }: Pick<Account, "paid" | "credited" | "otherwise">,
  { unexplained, at }: { unexplained: Pick<Account, "paid" | "credited">; at: string },
): void {
  const fell = account.paid + account.credited + account.otherwise - paid - credited - otherwise;
  const gone = addPiece(account.pieces, { amount: unexplained.paid, at });
  addPiece(account.creditPieces, { amount: unexplained.credited, at });
  gone.push(...addPiece(account.others, { amount: otherwise - account.otherwise, at }));
  if (fell > 0) takeBack(account, { gone, fell, at });
  account.paid = paid;
  account.credited = credited;
  account.otherwise = otherwise;
}

/** Remembers what was in the books once: naming a part of a sum takes nothing back. */
function takeBack(
  account: Account,
  { gone, fell, at }: { gone: Piece[]; fell: number; at: string },
): void {
  let left = fell;
  for (const piece of gone) {
    const amount = Math.min(piece.amount, left);
    if (amount <= 0) continue;
    left -= amount;
    account.gone.push({ amount, at: piece.at });
    account.fallen.push({ amount, at });
  }
}

/** How much of the money that a source told only as a sum is named by so much itemised money. */
function namedBy({ pieces }: Account, itemised: number): number {
  return Math.min(Math.max(0, itemised), totalOf(pieces));
}

/** Leaves out of an unexplained difference what a refund explains that `paid` does not show. */
function beyondGross(account: Account, difference: number, refunded: number): number {
  const added = difference > 0 ? Math.min(difference, refunded) : 0;
  const removed = difference < 0 ? Math.min(account.gross, -difference) : 0;
  account.gross += added - removed;
  return difference - added + removed;
}

/** What of a payment was told after the last sums: it names a part of them, or adds to them. */
function takePayment(account: Account, payment: PaymentTold): void {
  for (const amount of laterSteps(account, stepsOf(payment, effectOfPayment))) {
    if (takeNamed(account.pieces, amount, payment.occurredAt)) continue;
    if (takeNamed(account.others, amount, payment.occurredAt)) account.otherwise -= amount;
    account.paid += amount;
  }
}

function takeCredit(account: Account, credit: CreditTold): void {
  for (const amount of laterSteps(account, stepsOf(credit, effectOfCredit))) {
    if (takeNamed(account.creditPieces, amount, credit.occurredAt)) continue;
    if (takeNamed(account.others, amount, credit.occurredAt)) account.otherwise -= amount;
    account.credited += amount;
  }
}

function laterSteps({ previous }: Account, steps: Step[]): number[] {
  return changesOf(steps)
    .filter((step) => previous === null || compareRanked(step, previous) > 0)
    .map(({ effect }) => effect)
    .filter((effect) => effect !== 0);
}
