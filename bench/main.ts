import { run as runAck } from "./ack.ts";
import { buildBench } from "./build.ts";
import { run as runIngest } from "./ingest.ts";
import { run as runLive } from "./live.ts";
import { run as runPages } from "./pages.ts";
import type { Row } from "./row.ts";

/**
 * Measures against bars and prints one table and one line of JSON. `--short` makes the sustained part
 * 10 s long; names of parts (ack, ingest, live, pages) select them.
 */
const words = process.argv.slice(2);
const seconds = words.includes("--short") ? 10 : 60;
const named = words.filter((word) => !word.startsWith("--"));
const parts: Record<string, () => Promise<Row[]>> = {
  ack: runAck,
  ingest: () => runIngest(seconds),
  live: runLive,
  pages: runPages,
};

await buildBench();
const rows: Row[] = [];
for (const [name, run] of Object.entries(parts)) {
  if (named.length === 0 || named.includes(name)) rows.push(...(await run()));
}
console.table(
  rows.map(({ name, value, unit, bar, met }) => ({
    measured: name,
    value: `${value.toFixed(2)}${unit}`,
    bar,
    met: met ? "yes" : "NO",
  })),
);
console.log(JSON.stringify(rows));
process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
