import { join } from "node:path";
import Database from "better-sqlite3";
import { openContext } from "#server/open-context.ts";
import { benchConfig } from "./bench-config.ts";
import { addReader, recordInvoices } from "./pages-data.ts";

/**
 * Fills a data folder with invoices of many customers, 1,000 each, all through the ledger's own door.
 * Takes the folder and how many; prints how long it took.
 */
const [, , folder = ".", given = "1000"] = process.argv;
const invoices = Number(given);
const started = performance.now();
const { context, close } = await openContext(benchConfig(folder));
await recordInvoices(context, {
  from: 0,
  to: invoices,
  ofCustomer: (index) => Math.floor(index / 1_000),
});
await addReader(context, { customer: 0 });
await close();
const sqlite = new Database(join(folder, "portal.db"));
sqlite.pragma("wal_checkpoint(TRUNCATE)");
sqlite.close();
console.log(`filled in ${Math.round((performance.now() - started) / 1000)} s`);
