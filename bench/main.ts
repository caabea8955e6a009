import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { run as runAck } from "./ack.ts";
import { buildBench } from "./build.ts";
import { run as runFanOut } from "./fan-out.ts";
import { removeFilled } from "./filled.ts";
import { run as runGrowth } from "./growth.ts";
import { run as runIngest } from "./ingest.ts";
import { run as runLedger } from "./ledger.ts";
import { run as runLive } from "./live.ts";
import { run as runPages } from "./pages.ts";
import { run as runPagesUnderLoad } from "./pages-under-load.ts";
import { run as runPostgres } from "./postgres.ts";
import { run as runRestart } from "./restart.ts";
import type { Plan, Row } from "./row.ts";

/**
 * Measures against bars and prints one table and one line of JSON. Names of parts select them;
 * `--runs 5` interleaved runs of which the middle one counts, `--json FILE` keeps the rows,
 * `--short` makes what is sustained 10 s long and the large ledger 100,000 invoices,
 * `--large N` gives its size. Ends with exit code 1 when a value is below 0.8 of its bar.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    json: { type: "string" },
    short: { type: "boolean", default: false },
    large: { type: "string" },
  },
});
const large = Number(values.large ?? (values.short ? 100_000 : 1_000_000));
const plan: Plan = {
  runs: Number(values.runs),
  seconds: values.short ? 10 : 60,
  small: Math.min(10_000, large / 10),
  large,
};
const parts: Record<string, (plan: Plan) => Promise<Row[]>> = {
  ack: runAck,
  ingest: runIngest,
  live: runLive,
  pages: runPages,
  "fan-out": runFanOut,
  "pages-under-load": runPagesUnderLoad,
  growth: runGrowth,
  ledger: runLedger,
  restart: runRestart,
  postgres: runPostgres,
};
const unknown = positionals.filter((name) => !(name in parts));
if (unknown.length > 0) {
  throw new Error(`${unknown.join(", ")}: the parts are ${Object.keys(parts).join(", ")}`);
}

await buildBench();
const rows: Row[] = [];
try {
  for (const [name, run] of Object.entries(parts)) {
    if (positionals.length === 0 || positionals.includes(name)) rows.push(...(await run(plan)));
  }
} finally {
  await removeFilled();
}
console.table(
  rows.map(({ name, value, unit, bar, met }) => ({
    measured: name,
    value: `${value.toFixed(2)}${unit}`,
    bar,
    met: met ? "yes" : "NO",
  })),
);
const report = { at: new Date().toISOString(), node: process.version, plan, rows };
console.log(JSON.stringify(report));
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(report, null, 2));
process.exitCode = rows.some(({ failed }) => failed) ? 1 : 0;
