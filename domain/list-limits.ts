/** Counting and adding up stop here, so that no list grows slower with the years. */
export const countLimit = 10_000;

/** So many lines of an invoice stand on one page. */
export const linesAtOnce = 200;

/** A search reads at most so many rows; past them it is said that there are more. */
export const searchLimit = 5_000;
