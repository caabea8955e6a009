import type { LedgerEvent } from "#domain/event.ts";
import type { InvoiceView, Payment, Settlement } from "#domain/invoice.ts";
import type { MoneyDraft } from "./derive-money.ts";
import { isSamePayment } from "./view.ts";

interface Views {
  known: InvoiceView;
  after: InvoiceView;
}

/** What a payment in its stage adds to `paid`. */
export function effectOf({ stage, amount }: Payment): number {
  if (stage === "received") return amount;
  return stage === "refunded" ? -amount : 0;
}

/** A contributor's refund lowers nothing, nor does what it takes back of money that the owner booked. */
export function isCounted(
  { connection, stage }: Payment,
  old: Payment | undefined,
  owner: string,
): boolean {
  return connection === owner || (stage !== "refunded" && old?.booked === false);
}

/** The part of the owner's new refunds that `paid` does not show: some systems leave refunds out of it. */
export function refundsLeftOut({ known, after }: Views): number {
  let refunded = 0;
  let explained = after.inferred - known.inferred;
  for (const payment of after.payments) {
    const isOwners = payment.connection === after.owner;
    if (payment.stage === "refunded" && !isOwners) continue;
    const effect = effectOf(payment) - effectBefore(known, payment);
    explained += effect;
    if (payment.stage === "refunded") refunded += Math.max(0, -effect);
  }
  for (const old of known.payments) {
    const isKept = after.payments.some((payment) => isSamePayment(old, payment));
    if (!isKept && old.stage === "received") explained -= old.amount;
  }
  const unexplained = after.paid - known.paid - explained;
  return Math.min(refunded, Math.max(0, unexplained));
}

function effectBefore({ payments }: InvoiceView, payment: Payment): number {
  const old = payments.find((one) => isSamePayment(one, payment));
  return old ? effectOf(old) : 0;
}

/**
 * Gives each event the sums as they stood after it: the last one has those of `after`, and from one event
 * to the next they differ by what it says. What no mail tells comes first, so that the mails add up.
 */
export function withRunningSums(drafts: MoneyDraft[], views: Views): MoneyDraft[] {
  const leftOut = { amount: refundsLeftOut(views) };
  const moves = drafts.map((draft) => ({ draft, effect: effectOfDraft(draft, views, leftOut) }));
  const { total, paid, credited, due, inferred, unbooked, otherwise } = views.after;
  let sums: Settlement = { total, paid, credited, due, inferred, unbooked };
  if (otherwise !== undefined) sums.otherwise = otherwise;
  const summed = untoldFirst(moves)
    .toReversed()
    .map(({ draft, effect }): MoneyDraft => {
      const settlement = sums;
      sums = before(sums, effect);
      return { ...draft, data: { ...draft.data, settlement } } as MoneyDraft;
    });
  return summed.reverse();
}

function untoldFirst(moves: Move[]): Move[] {
  const entered = enteredAnew(moves.map(({ draft }) => draft));
  const untold = moves.filter(({ draft }) => entered.has(draft) || !isMailed(draft));
  if (untold.every(({ effect }) => effect.paid === 0)) return moves;
  return [...untold, ...moves.filter((move) => !untold.includes(move))];
}

function isMailed(draft: MoneyDraft): boolean {
  if (draft.type === "payment.identified" || draft.type === "payment.booked") return false;
  return draft.type === "payment.refunded" ? draft.data.amount > 0 : draft.data.amount !== 0;
}

interface Move {
  draft: MoneyDraft;
  effect: Effect;
}

/** What an event added to the sums. */
interface Effect {
  paid: number;
  credited: number;
  otherwise: number;
}

function effectOfDraft(
  draft: MoneyDraft,
  { known, after }: Views,
  leftOut: { amount: number },
): Effect {
  const none = { paid: 0, credited: 0, otherwise: 0 };
  if (draft.type === "invoice.adjusted") return { ...none, credited: draft.data.amount };
  if (draft.type === "invoice.settled") return { ...none, otherwise: draft.data.amount };
  const { payment } = draft.data;
  if (draft.type === "payment.received" && draft.data.amount > 0) {
    return { ...none, paid: draft.data.amount };
  }
  if (payment === null) return { ...none, paid: "amount" in draft.data ? -draft.data.amount : 0 };
  const old = known.payments.find((one) => isSamePayment(one, payment));
  if (!isCounted(payment, old, after.owner)) return none;
  if (draft.type === "payment.refund_failed") return { ...none, paid: payment.amount };
  // What names or books known money adds nothing; a refund that is booked does lower what was paid.
  if (payment.stage === "received" && draft.type !== "payment.received") return none;
  const paid = effectOf(payment) - (old ? effectOf(old) : 0);
  if (payment.stage !== "refunded" || paid >= 0) return { ...none, paid };
  const shown = Math.min(leftOut.amount, -paid);
  leftOut.amount -= shown;
  return { ...none, paid: paid + shown };
}

function before({ otherwise = 0, ...sums }: Settlement, effect: Effect): Settlement {
  const earlier = otherwise - effect.otherwise;
  return {
    ...sums,
    paid: sums.paid - effect.paid,
    credited: sums.credited - effect.credited,
    due: sums.due + effect.paid + effect.credited + effect.otherwise,
    ...(earlier !== 0 && { otherwise: earlier }),
  };
}

/** Payments that were taken back and entered anew with the same amount at once: nothing came or went. */
export function enteredAnew<Event extends LedgerEvent | MoneyDraft>(events: Event[]): Set<Event> {
  const found = new Set<Event>();
  for (const back of events) {
    if (back.type !== "payment.reversed") continue;
    const again = events.find(
      (event) =>
        event.type === "payment.received" &&
        invoiceOf(event) === invoiceOf(back) &&
        event.data.amount === back.data.amount &&
        !found.has(event),
    );
    if (again) found.add(back).add(again);
  }
  return found;
}

function invoiceOf(event: LedgerEvent | MoneyDraft): string | null {
  return "invoice" in event ? event.invoice : null;
}
