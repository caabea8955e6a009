/** What a campaign did and found. It passed when nothing is in `faults`. */
export interface Report {
  name: string;
  counts: Record<string, number>;
  /** What must not have happened, in words. */
  faults: string[];
  seconds: number;
}

/** What every campaign is told. */
export interface Asked {
  seed: number;
  /** How many cycles or images; each campaign has a number of its own when it is not said. */
  cycles?: number | undefined;
  /** For how long a round puts load on the portal. */
  seconds?: number | undefined;
  /** Once it is aborted, what is under way is brought to its end and reported. */
  signal: AbortSignal;
}

const shownFaults = 20;

/** Runs one and measures its time; what it throws is a fault too. */
export async function reportOf(
  name: string,
  run: () => Promise<Pick<Report, "counts" | "faults">>,
): Promise<Report> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  try {
    const { counts, faults } = await run();
    return { name, counts, faults, seconds: seconds() };
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name, counts: {}, faults: [words], seconds: seconds() };
  }
}

/** As lines for people: the counts, then what is wrong. */
export function linesOf({ name, counts, faults, seconds }: Report): string {
  const width = Math.max(...Object.keys(counts).map(({ length }) => length), 0);
  const counted = Object.entries(counts).map(
    ([what, count]) => `  ${what.padEnd(width)}  ${count.toLocaleString("en")}`,
  );
  const wrong = faults.slice(0, shownFaults).map((fault) => `  FAULT: ${fault}`);
  if (faults.length > shownFaults) wrong.push(`  … and ${faults.length - shownFaults} more`);
  const verdict = faults.length === 0 ? "passed" : "FAILED";
  return [`${name}: ${verdict} in ${seconds} s`, ...counted, ...wrong].join("\n");
}

/** Adds up counts of rounds by their names. */
export function addCounts(all: Record<string, number>, more: Record<string, number>): void {
  for (const [what, count] of Object.entries(more)) all[what] = (all[what] ?? 0) + count;
}
