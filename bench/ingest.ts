import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { ingestOnce, loadOnce } from "./load-once.ts";
import { atLeast, median, type Plan, type Row } from "./row.ts";

const barPerSecond = 4_000;
const barShare = 0.12;
/** About what the portal records, so that a run takes as long as it was asked to. */
const expectedPerSecond = 5_000;
const connections = 128;

/**
 * Signed invoices and payments through the whole portal as fast as they are taken, until the last one is
 * recorded and projected; beside it a bare server that checks the same signatures and keeps nothing.
 */
export async function run({ runs, seconds }: Plan): Promise<Row[]> {
  const rates: number[] = [];
  const bareRates: number[] = [];
  const requests = Math.round((expectedPerSecond * seconds) / runs);
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
  const value = median(rates);
  const bareValue = median(bareRates);
  const note = `median of ${runs} runs of ${requests} over ${connections} connections, invoices and payments in turn; bare HMAC server ${Math.round(bareValue)}/s`;
  const higher = Math.max(barPerSecond, Math.round(bareValue * barShare));
  return [
    { name: "whole ingest, recorded", value, unit: "/s", note, ...atLeast(value, higher) },
    {
      name: "whole ingest / bare node:http with HMAC",
      value: value / bareValue,
      unit: "",
      note,
      ...atLeast(value / bareValue, barShare),
    },
  ];
}
