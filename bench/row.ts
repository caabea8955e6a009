/** One line of the bench's table: a measured ratio or rate and the bar that it has to reach. */
export interface Row extends Judged {
  name: string;
  value: number;
  unit: string;
  /** How it was measured, for whoever reads the number alone. */
  note: string;
}

export interface Judged {
  /** `>= 0.7` and the like. */
  bar: string;
  met: boolean;
  /** Missed by so much that it is no noise: below 0.8 of the bar. */
  failed: boolean;
}

/** What a run is asked to do. */
export interface Plan {
  /** Interleaved runs, of which the middle one counts. */
  runs: number;
  /** How long what is sustained goes on. */
  seconds: number;
  /** Invoices of the small and the large ledger. */
  small: number;
  large: number;
}

const tolerated = 0.8;

/** The bar for what has to be large. */
export function atLeast(value: number, bar: number): Judged {
  return { bar: `>= ${bar}`, met: value >= bar, failed: value < bar * tolerated };
}

/** The bar for what has to be small. */
export function atMost(value: number, bar: number): Judged {
  return { bar: `<= ${bar}`, met: value <= bar, failed: value > bar / tolerated };
}

/** For what is measured to be known. */
export const noBar: Judged = { bar: "none", met: true, failed: false };

/** The middle one of an odd number of values. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** The value below which a share of them lies, e.g. 0.99. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity;
}
