import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { ingestOnce, loadOnce } from "./load-once.ts";
import { atLeast, type Judged, median, noBar, type Plan, type Row } from "./row.ts";

const barPerSecond = 4_000;
const barShare = 0.12;
/** About what the portal records, so that a run takes as long as it was asked to. */
const expectedPerSecond = 5_000;
/**
 * One batch takes 128: with no more senders than that, all of them wait for the batch that holds their own
 * deliveries, and what is measured is how long that takes. The bars are for more senders.
 */
const senders = { many: 256, fewer: 128 };

/**
 * Signed invoices and payments through the whole portal as fast as they are taken, until the last one is
 * recorded and projected; beside it a bare server that checks the same signatures and keeps nothing.
 */
export async function run({ runs, seconds }: Plan): Promise<Row[]> {
  const requests = Math.round((expectedPerSecond * seconds) / runs);
  const many = await measure({ connections: senders.many, runs, requests });
  const fewer = await measure({ connections: senders.fewer, runs, requests });
  const higher = Math.max(barPerSecond, Math.round(many.bare * barShare));
  return rowsOf(many, [atLeast(many.rate, higher), atLeast(many.share, barShare)]).concat(
    rowsOf(fewer, [noBar, noBar]),
  );
}

interface Measuring {
  connections: number;
  runs: number;
  requests: number;
}

async function measure({ connections, runs, requests }: Measuring) {
  const rates: number[] = [];
  const bareRates: number[] = [];
  const folder = await mkdtemp(join(tmpdir(), "bench-ingest-"));
  using portal = startChild("server", ["ingest", folder]);
  using bare = startChild("bare-server", [folder, "hmac"]);
  const ports = { portal: Number(await portal.read()), bare: Number(await bare.read()) };
  for (let round = 0; round < runs; round++) {
    const from = round * requests;
    const load = { scheme: "standard-webhooks", connections, requests, from } as const;
    bareRates.push((await loadOnce({ ...load, port: ports.bare })).perSecond);
    rates.push(requests / (await ingestOnce(portal, { ...load, port: ports.portal })));
  }
  await rm(folder, { recursive: true });
  const [rate, bareRate] = [median(rates), median(bareRates)];
  const note = `median of ${runs} runs of ${requests}, invoices and payments in turn; bare HMAC server ${Math.round(bareRate)}/s`;
  return { connections, rate, bare: bareRate, share: rate / bareRate, note };
}

function rowsOf(
  { connections, rate, share, note }: Awaited<ReturnType<typeof measure>>,
  [ofRate, ofShare]: [Judged, Judged],
): Row[] {
  const name = `whole ingest over ${connections} connections`;
  return [
    { name: `${name}, recorded`, value: rate, unit: "/s", note, ...ofRate },
    { name: `${name} / bare node:http with HMAC`, value: share, unit: "", note, ...ofShare },
  ];
}
