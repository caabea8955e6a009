/**
 * The same thing sent again by the same person within a minute is one: a second press, or a browser that
 * sends a form anew because the first answer was lost.
 */
export const sameWithinMs = 60_000;
