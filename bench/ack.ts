import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { LoadResult, type LoadPlan } from "./load.ts";
import { median, type Row } from "./row.ts";

const rounds = 7;
const requests = 12_000;
const bar = 0.7;

/** Durable acknowledgements at 64 keep-alive connections, as part of what a bare server reaches. */
export async function run(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-ack-"));
  using portal = startChild("bench/server.ts", ["receive", folder]);
  using bare = startChild("bench/bare-server.ts", [folder]);
  const ports = { portal: Number(await portal.read()), bare: Number(await bare.read()) };
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const from = round * requests;
    const ours = await loadOnce({ port: ports.portal, from });
    const theirs = await loadOnce({ port: ports.bare, from });
    // The first round warms both up.
    if (round > 0) ratios.push(ours.perSecond / theirs.perSecond);
  }
  await rm(folder, { recursive: true });
  const value = median(ratios);
  const note = `median of ${rounds} interleaved runs of ${requests}; processing is paused in this part`;
  const name = "durable acknowledgement / bare node:http with HMAC and group commit";
  return [{ name, value, unit: "", bar: `>= ${bar}`, met: value >= bar, note }];
}

async function loadOnce({ port, from }: { port: number; from: number }): Promise<LoadResult> {
  const path = "/webhooks/erp";
  const plan: LoadPlan = { port, path, connections: 64, requests, from, perSecond: null };
  using loader = startChild("bench/load-process.ts", [JSON.stringify(plan)]);
  const result = LoadResult.parse(JSON.parse(await loader.read()));
  if (result.refused > 0) throw new Error(`${result.refused} deliveries were refused`);
  return result;
}
