import type { Change, InvoiceSnapshot, Reference } from "#domain/change.ts";
import type { Money } from "#domain/money.ts";
import type { Instant } from "#domain/time.ts";
import { clip } from "#domain/text.ts";
import { roundedAmount } from "#server/connectors/kit/rounded-amount.ts";
import type { Move } from "./objects.ts";
import type { Match } from "./reconciled.ts";
import { moneyIn } from "./write-offs.ts";

/** What a customer owes by; an `out_refund` is a credit note, everything else is not ours. */
export function isInvoice({ type }: Move): boolean {
  return type === "out_invoice" || type === "out_receipt";
}

export function isCreditNote({ type }: Move): boolean {
  return type === "out_refund";
}

/** What our add-on told of one move. */
export function pushedChanges(move: Move): Change[] {
  const version = versionAt(move.writtenAt);
  if (isInvoice(move)) {
    return [{ kind: "invoice", invoice: toSnapshot(move, version) }, ...onItsWay(move, version)];
  }
  if (!isCreditNote(move) || move.reverses === undefined || move.number === undefined) return [];
  const settled = move.state === "posted" ? settledBy(move) : nothing(move);
  // What was matched and is so no longer counts nothing, like a note that was cancelled.
  const credit = toCredit(move, version, settled.amount === 0 ? move.total : settled);
  const isGone = settled.amount === 0;
  // When it was matched, as of then: a balance that fell before is not what it lowered.
  return [{ ...credit, ...(isGone && { voided: true }), occurredAt: move.writtenAt }];
}

interface Read {
  /** Every credit note that takes something of it back. */
  creditNotes: Move[];
  /** What the journal says settled it; empty where that is not known. */
  matches: Match[];
  readAt: Date;
  /** Whether an accountant's block means that somebody looks at the dispute. */
  blockedByPeople: boolean;
}

/** An invoice that was read, with what settled it as far as that is known. */
export function readChanges(move: Move, read: Read): Change[] {
  const { creditNotes, readAt, blockedByPeople } = read;
  const written = [move, ...creditNotes].map(({ writtenAt }) => writtenAt).sort();
  const version = versionAt(written.at(-1) ?? move.writtenAt, readAt);
  const snapshot = toSnapshot(move, version);
  const items = read.matches.length > 0 ? matchedItems(move, version, read) : undefined;
  const { credits, payments } = items ?? {
    credits: creditsOf(move, creditNotes).map(({ note, amount }) =>
      toCredit(note, version, { amount, currency: move.total.currency }),
    ),
    payments: undefined,
  };
  return [
    {
      kind: "invoice",
      invoice: {
        ...snapshot,
        ...(snapshot.due && { credited: sumOf(credits, move) }),
        creditIds: credits.map(({ creditId }) => creditId),
        ...(payments && {
          ...(snapshot.due && { paid: sumOf(payments, move) }),
          paymentIds: payments.map(({ paymentId }) => paymentId),
        }),
      },
    },
    ...(payments ?? []),
    ...credits,
    ...onItsWay(move, version),
    ...(blockedByPeople ? disputeTaken(move, version) : []),
  ];
}

type Told<K extends Change["kind"]> = Extract<Change, { kind: K }>;

/**
 * Payments and credit notes by what the journal matched; a credit note counts where it was used. What
 * else was matched, such as a write-off, is neither; nor is what a payment's own entry wrote off.
 */
function matchedItems(move: Move, version: number, { matches, creditNotes }: Read) {
  const about = { invoice: { externalId: move.id }, version, toldAt: move.writtenAt };
  const payments = new Map<string, Told<"payment">>();
  const credits = new Map<string, Told<"credit">>();
  for (const { kind, id, name, amount: text, share, on } of matches) {
    const items = kind === "money" ? payments : kind === "credit" ? credits : undefined;
    const matched = roundedAmount(text, move.total.currency, "half-even");
    const own = moneyIn(matched.amount, share);
    if (own === 0) continue;
    const amount = { ...matched, amount: own + (items?.get(id)?.amount.amount ?? 0) };
    const item = { ...about, amount, occurredAt: on };
    if (kind === "money") {
      payments.set(id, { kind: "payment", ...item, paymentId: id, stage: "received" });
    } else if (kind === "credit") {
      const note = creditNotes.find((each) => each.id === id);
      const reason = note?.reference ?? note?.number ?? name;
      credits.set(id, {
        kind: "credit",
        ...{ ...item, occurredAt: note?.issuedOn ?? on, creditId: id, type: "credit_note", reason },
      });
    }
  }
  return { payments: [...payments.values()], credits: [...credits.values()] };
}

function sumOf(items: { amount: Money }[], { total }: Move): Money {
  const { currency } = total;
  return { amount: items.reduce((sum, { amount }) => sum + amount.amount, 0), currency };
}

/**
 * What each posted credit note took off this invoice: not more than was taken off it at all, since a
 * credit note may be used on another invoice than the one that it takes back.
 */
function creditsOf({ total, residual }: Move, notes: Move[]): { note: Move; amount: number }[] {
  let left = Math.max(0, total.amount - residual.amount);
  return notes.flatMap((note) => {
    const amount = note.state === "posted" ? Math.min(settledBy(note).amount, left) : 0;
    left -= amount;
    return amount > 0 ? [{ note, amount }] : [];
  });
}

const perSecond = 1_000_000;

/**
 * The seconds of `write_date`, and in the last six digits how late it was read, on a scale that grows
 * ever more slowly: of two readings of one `write_date` the later one is newer. Not every payment
 * changes it.
 */
export function versionAt(writtenAt: Instant, readAt?: Date): number {
  const writtenMs = Date.parse(writtenAt);
  const passedMs = readAt ? Math.max(0, readAt.getTime() - writtenMs) : 0;
  const late = Math.min(perSecond - 1, Math.floor(75_000 * Math.log10(1 + passedMs)));
  return Math.floor(writtenMs / 1000) * perSecond + late;
}

function toSnapshot(move: Move, version: number): InvoiceSnapshot {
  const state = stateOf(move);
  return {
    externalId: move.id,
    number: move.number,
    version,
    toldAt: move.writtenAt,
    rank: rankOf(move),
    customer: move.customer.externalId === "" ? undefined : move.customer,
    state,
    currency: move.total.currency,
    total: move.total,
    // A cancelled invoice shows nothing open, which is not to say that somebody paid.
    due: state === "issued" ? openOf(move) : undefined,
    // Of a residual that Odoo leaves as it was, its status says that payments settled it.
    balanceBy: move.paymentState === "paid" && move.residual.amount > 0 ? "payment" : undefined,
    issuedOn: state === "draft" ? undefined : move.issuedOn,
    dueOn: move.dueOn,
    references: referencesOf(move),
  };
}

/** Odoo 18 and later: a payment without a journal entry leaves the residual as it was (odoo#183080). */
function openOf({ paymentState, residual }: Move): Money {
  return paymentState === "paid" ? { ...residual, amount: 0 } : residual;
}

/**
 * A payment that was registered there and has no journal entry yet. How much it is the invoice does not
 * say, and half of it may be on its way as well (odoo#184818): so it is pending, and lowers nothing.
 */
function onItsWay(move: Move, version: number): Change[] {
  const isExpected = stateOf(move) === "issued" && move.paymentState === "in_payment";
  if (!isExpected || move.residual.amount <= 0) return [];
  return [
    {
      kind: "payment",
      invoice: { externalId: move.id },
      ...{ version, toldAt: move.writtenAt, occurredAt: move.writtenAt },
      paymentId: `${move.id}:in_payment`,
      stage: "pending",
      amount: move.residual,
    },
  ];
}

const settling = ["not_paid", "partial", "in_payment", "paid"];

/** `write_date` has whole seconds: of what was written within one, the later by nature stands. */
function rankOf(move: Move): number {
  const state = stateOf(move);
  if (state !== "issued") return state === "draft" ? 0 : settling.length + 1;
  return 1 + Math.max(0, settling.indexOf(move.paymentState));
}

function stateOf({ state, paymentState }: Move): "draft" | "issued" | "void" {
  if (state === "draft") return "draft";
  return state === "cancel" || paymentState === "reversed" ? "void" : "issued";
}

/** Undefined where one of them was not told: what is missing would look as if it were gone. */
function referencesOf({ reference, origin }: Move): Reference[] | undefined {
  if (reference === undefined || origin === undefined) return undefined;
  return [
    ...(reference === null ? [] : [{ kind: "po" as const, value: clip(reference, 200) }]),
    ...(origin === null ? [] : [{ kind: "other" as const, value: clip(origin, 200) }]),
  ];
}

function nothing({ total }: Move): Money {
  return { ...total, amount: 0 };
}

/** How much of a credit note is used up: only that lowers what is due. */
function settledBy({ total, residual }: Move): Money {
  return { amount: total.amount - residual.amount, currency: total.currency };
}

function toCredit(note: Move, version: number, amount: Money): Told<"credit"> {
  const isGone = note.state !== "posted";
  return {
    kind: "credit",
    invoice: { externalId: note.reverses },
    version,
    toldAt: note.writtenAt,
    creditId: note.id,
    type: "credit_note",
    amount,
    ...(isGone && { voided: true }),
    reason: note.reference ?? note.number,
    occurredAt: note.issuedOn ?? note.writtenAt,
  };
}

/** Payment blocked while our dispute is still as we told it: accounting has it in hand. */
function disputeTaken({ id, paymentState, dispute, writtenAt }: Move, version: number): Change[] {
  if (paymentState !== "blocked" || !dispute) return [];
  if (dispute.state !== "open" && dispute.state !== "under_review") return [];
  return [
    {
      kind: "dispute",
      invoice: { externalId: id },
      version,
      toldAt: writtenAt,
      externalId: dispute.number,
      state: "under_review",
      occurredAt: writtenAt,
    },
  ];
}
