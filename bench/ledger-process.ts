import { rebuild } from "#server/ledger/rebuild.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import { openContext } from "#server/open-context.ts";
import { benchConfig } from "./bench-config.ts";

/**
 * Reads the whole ledger of a data folder; each line on stdin says how, `verify` or `rebuild`, and is
 * answered with the events a second.
 */
const config = benchConfig(process.argv[2] ?? ".");
const { context } = await openContext(config);

async function verify(): Promise<number> {
  const verdict = await verifyLedger(context.db, { databaseUrl: config.databaseUrl });
  if (!verdict.ok) throw new Error(`The ledger fails at event ${verdict.firstBad?.sequence}`);
  return verdict.events;
}

process.stdin.on("data", (line: Buffer) => {
  const started = performance.now();
  const work =
    line.toString().trim() === "verify" ? verify() : rebuild(context).then(({ events }) => events);
  work.then(
    (events) => console.log(events / ((performance.now() - started) / 1000)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
