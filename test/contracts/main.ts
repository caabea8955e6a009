import { existsSync } from "node:fs";
import { join } from "node:path";
import { readDescription } from "./description.ts";
import { knownFaults } from "./known-faults.ts";
import { startPrism } from "./prism.ts";
import { quickBooksOnline } from "./quickbooks-online.ts";
import { stripe } from "./stripe.ts";
import { now, type Vendor } from "./vendor.ts";
import { watchedHttp } from "./watch.ts";
import { xero } from "./xero.ts";

const folder = process.env["DESCRIPTIONS"] ?? join(import.meta.dirname, "../../../shared/specs");
const counts = { passed: 0, failed: 0 };

function count(name: string, faults: string[]): void {
  counts[faults.length === 0 ? "passed" : "failed"] += 1;
  console.log(`${faults.length === 0 ? "✓" : "✗"} ${name}`);
  for (const fault of faults) console.log(`    ${fault}`);
}

/** Sends all that a connector does to its vendor through Prism, on the vendor's own description. */
async function hold(vendor: Vendor): Promise<void> {
  const document = join(folder, vendor.document);
  if (!existsSync(document)) return console.log(`There is no ${vendor.document}: not run`);
  await using upstream = await vendor.start();
  await using prism = await startPrism({ document, upstream: upstream.url });
  const unknownParameters = await readDescription(document);
  const { prefix } = vendor;
  await using watched = watchedHttp({ prism: prism.url, prefix, now, unknownParameters });
  const met = new Set<object>();
  for (const [name, work] of upstream.checks(watched.http)) {
    const { violations, failure } = await watched.during(work);
    const faults = violations.filter((violation) => {
      const known = knownFaults.find(
        ({ document, says }) => document === vendor.document && violation.startsWith(says),
      );
      if (known) met.add(known);
      return !known;
    });
    count(`${vendor.document}: ${name}`, failure === null ? faults : [...faults, failure]);
  }
  const own = knownFaults.filter((known) => known.document === vendor.document);
  const idle = own.filter((known) => !met.has(known)).map(({ says }) => `Nothing says "${says}"`);
  count(`${vendor.document}: each of its ${own.length} known faults is met`, idle);
  for (const call of upstream.wrong) {
    const { violations } = await watched.during(() => watched.http.request(call));
    const name = `${call.method} ${new URL(call.url).pathname}${new URL(call.url).search}`;
    count(`${vendor.document}: finds out ${name}`, violations.length > 0 ? [] : ["It did not"]);
  }
}

/** A vendor that cannot be held at all fails, and the others go on. */
async function holdOrFail(vendor: Vendor): Promise<void> {
  try {
    await hold(vendor);
  } catch (error) {
    count(`${vendor.document}: runs`, [String(error)]);
  }
}

if (existsSync(folder)) await Promise.all([stripe, quickBooksOnline, xero].map(holdOrFail));
else console.log(`There are no descriptions at ${folder}: nothing is run`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
