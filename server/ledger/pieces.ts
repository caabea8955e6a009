import { dayMs, type Occurred, roughMs } from "#domain/time.ts";

/** Part of a sum that nothing itemised explains, at the telling that showed it. */
export interface Piece {
  amount: number;
  at: string;
}

/**
 * Pieces of opposite sign cancel out: a payment was told in another telling than the sum it is in.
 * Gives what was cancelled of the known ones.
 */
export function addPiece(pieces: Piece[], piece: Piece): Piece[] {
  const gone: Piece[] = [];
  let rest = piece.amount;
  for (const other of [...pieces]) {
    if (rest === 0) return gone;
    if (Math.sign(other.amount) === Math.sign(rest)) continue;
    const cancelled = Math.min(Math.abs(other.amount), Math.abs(rest)) * Math.sign(rest);
    other.amount += cancelled;
    rest -= cancelled;
    gone.push({ amount: -cancelled, at: other.at });
    if (other.amount === 0) pieces.splice(pieces.indexOf(other), 1);
  }
  if (rest !== 0) pieces.push({ amount: rest, at: piece.at });
  return gone;
}

export function totalOf(pieces: Piece[]): number {
  return pieces.reduce((total, { amount }) => total + amount, 0);
}

/** Uses up a piece of exactly this amount, near in time if that is asked. */
export function takeExact(pieces: Piece[], amount: number, near?: { ms: number; within: number }) {
  const at = pieces.findIndex(
    (piece) =>
      piece.amount === amount && (!near || Math.abs(roughMs(piece.at) - near.ms) <= near.within),
  );
  if (at < 0 || amount === 0) return false;
  pieces.splice(at, 1);
  return true;
}

/**
 * Uses up what an item names that came after its sum: a piece of the same amount, else parts of those
 * that were told after it happened. False when it is not among them.
 */
export function takeNamed(pieces: Piece[], amount: number, occurredAt: Occurred): boolean {
  if (takeExact(pieces, amount)) return true;
  if (amount <= 0) return false;
  const fitting = pieces.filter((piece) => piece.amount > 0 && isSince(piece.at, occurredAt));
  if (totalOf(fitting) < amount) return false;
  takeParts(fitting, amount);
  drop(pieces);
  return true;
}

/** Whether it was at that time or later; bare days leave a day open. */
export function isSince(at: Occurred, since: Occurred): boolean {
  const isExact = at.length > 10 && since.length > 10;
  return isExact ? at >= since : roughMs(at) >= roughMs(since) - dayMs;
}

/** Uses up so much of these pieces, in their order; gives how much that was. */
export function takeParts(pieces: Piece[], amount: number): number {
  let rest = amount;
  for (const piece of pieces) {
    const part = Math.min(piece.amount, rest);
    piece.amount -= part;
    rest -= part;
  }
  return amount - rest;
}

/** Removes what was used up. */
export function drop(pieces: Piece[]): void {
  const left = pieces.filter(({ amount }) => amount !== 0);
  pieces.splice(0, pieces.length, ...left);
}
