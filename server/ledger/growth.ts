import { dayMs, type Instant, type Occurred } from "#domain/time.ts";
import type { PaymentTold } from "./facts.ts";
import { drop, type Piece } from "./pieces.ts";
import type { Sums } from "./sums.ts";

/** The clocks of two systems differ by as much. */
const clockMs = 5 * 60_000;
/** A value date is a day, perhaps told as its midnight, perhaps in another zone. */
const valueDateMs = 1.5 * dayMs;
const midnight = /T\d\d:(00|15|30|45):00\.000Z$/;

/** What the owner's books grew or fell by, as far as no contributor's payment was found in it. */
export interface Booked {
  amount: number;
  /** When the owner first said so. */
  toldAt: Instant;
  /** Its value date, where it was itemised. */
  on?: Occurred;
  /** The owner took it back since. */
  isGone?: true;
}

/** What the owner's own account offers to find contributors' money in; it is used up. */
export interface Books {
  payments: PaymentTold[];
  sums: Sums;
  /** What of each itemised payment or refund no contributor's has been found in. */
  free: Map<PaymentTold, Booked>;
}

/** A contributor's payment that stands beside the owner's, and whether the owner's books have it. */
export interface Beside {
  connection: string;
  payment: PaymentTold;
  isBooked: boolean;
}

/** A part of a contributor's money, or a refund, that is looked for in the owner's books. */
export interface Wanted {
  amount: number;
  at: Occurred;
  /** Its payment; of what the contributor told only as a sum the connection. */
  entry: Beside | { connection: string; isBooked?: boolean };
  /** What of it was not found, without a sign. */
  left: number;
  /** What of it the owner's books still have. */
  standing: number;
  /** When the owner told the latest of what was found; "" while nothing was. */
  foundAt: Instant;
  /** Part of it was booked, and taken back since. */
  isGone: boolean;
}

/** Whether the owner told it after that time; its value date may lie a little before. */
export function isSince({ toldAt, on }: Omit<Booked, "amount">, since: Occurred): boolean {
  const from = Date.parse(since);
  const isDay = midnight.test(toldAt) || since.length === 10;
  if (Date.parse(toldAt) < from - (isDay ? valueDateMs : clockMs)) return false;
  return on === undefined || Date.parse(on) >= from - valueDateMs;
}

/** Where a part is found, and what else that changes. */
interface Source {
  piece: { amount: number };
  booked: Omit<Booked, "amount">;
  /** -1: the books fell by it. */
  sign: 1 | -1;
  /** A part of what left the balance without a word. */
  isOther?: true;
}

/** What the owner's books grew by; what they still have first. */
export function grownIn({ free, sums }: Books): Source[] {
  const items = [...free.values()].map((booked): Source => ({ piece: booked, booked, sign: 1 }));
  return [
    ...items.filter(({ booked }) => !booked.isGone),
    ...sums.pieces.map(asSource),
    ...sums.others.map((piece): Source => ({ ...asSource(piece), isOther: true })),
    ...items.filter(({ booked }) => booked.isGone),
    ...sums.gone.map((piece): Source => ({
      ...asSource(piece),
      booked: { toldAt: piece.at, isGone: true },
    })),
  ];
}

/** What the owner's books fell by: refunds are looked for in it. */
export function lostIn({ free, sums }: Books): Source[] {
  const items = [...free.values()].map((booked): Source => ({ piece: booked, booked, sign: -1 }));
  const pieces = sums.pieces.map((piece): Source => ({ ...asSource(piece), sign: -1 }));
  return [...items, ...pieces, ...sums.fallen.map(asSource)];
}

function asSource(piece: Piece): Source {
  return { piece, booked: { toldAt: piece.at }, sign: 1 };
}

/** Finds a part in what the owner's books changed by since, whole or piece by piece. */
export function fill(wanted: Wanted, { from, books }: { from: Source[]; books: Books }): void {
  const { sums } = books;
  for (const { piece, booked, sign, isOther } of from) {
    if (wanted.left === 0) break;
    if (piece.amount * sign <= 0 || !isSince(booked, wanted.at)) continue;
    const part = Math.min(piece.amount * sign, wanted.left);
    piece.amount -= part * sign;
    wanted.left -= part;
    if (booked.toldAt > wanted.foundAt) wanted.foundAt = booked.toldAt;
    if (booked.isGone) wanted.isGone = true;
    else wanted.standing += part;
    if (!isOther) continue;
    sums.otherwise -= part;
    sums.paid += part;
  }
  // Of what the owner had and took back nothing more is expected from its books.
  if (wanted.isGone) wanted.left = 0;
  drop(sums.pieces);
  drop(sums.others);
}
