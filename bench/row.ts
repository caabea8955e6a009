/** One line of the bench's table: a measured ratio or rate and the bar that it has to reach. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  /** `>= 0.7` and the like. */
  bar: string;
  met: boolean;
  /** How it was measured, for whoever reads the number alone. */
  note: string;
}

/** The middle one of an odd number of values. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
