import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runClock } from "./clock.ts";
import { runDiskFull, runEio } from "./disk.ts";
import { runKill, runKillPostgres } from "./kill.ts";
import { runMail } from "./mail.ts";
import { runPoison } from "./poison.ts";
import { runPower, runPowerControl } from "./power.ts";
import { type Asked, linesOf, type Report, reportOf } from "./report.ts";
import { runErp } from "./systems.ts";
import { runTamper } from "./tamper.ts";

/**
 * `npm run campaign -- <name> [--cycles N] [--seed S] [--seconds N]`: hurts a portal and says what it
 * lost. `short` runs all of them briefly and ends with "N passed, N failed". Ctrl-C ends a long run
 * early, with the counts so far.
 */
const campaigns = {
  kill: runKill,
  "kill-postgres": runKillPostgres,
  power: runPower,
  "power-control": runPowerControl,
  "disk-full": runDiskFull,
  eio: runEio,
  clock: runClock,
  mail: runMail,
  erp: runErp,
  poison: runPoison,
  tamper: runTamper,
};
/** Cycles of a short run, where a campaign alone takes more. */
const shortCycles: Partial<Record<string, number>> = { kill: 8, "kill-postgres": 6 };
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    cycles: { type: "string" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string" },
  },
});
const stopping = new AbortController();
process.once("SIGINT", () => stopping.abort());
const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const asked: Asked = {
  seed: Number(values.seed),
  cycles: number(values.cycles),
  seconds: number(values.seconds),
  signal: stopping.signal,
};
const [wanted = "short"] = positionals;
const chosen = Object.entries(campaigns).filter(([name]) => wanted === "short" || name === wanted);
if (chosen.length === 0) {
  console.error(`There is no campaign ${wanted}: ${Object.keys(campaigns).join(", ")}, short`);
  process.exit(1);
}

const reports: Report[] = [];
for (const [name, run] of chosen) {
  const usual = wanted === "short" ? shortCycles[name] : undefined;
  const report = await reportOf(name, () => run({ ...asked, cycles: asked.cycles ?? usual }));
  console.log(`${linesOf(report)}\n`);
  reports.push(report);
}
const failed = reports.filter(({ faults }) => faults.length > 0).length;
mkdirSync("test/results", { recursive: true });
writeFileSync("test/results/campaigns.json", JSON.stringify(reports, null, 2));
console.log(`${reports.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
