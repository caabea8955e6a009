import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { LoadResult, type LoadPlan } from "./load.ts";
import type { Scheme } from "./messages.ts";
import { median, type Row } from "./row.ts";

const rounds = 7;
const requests = 12_000;
const bar = 0.7;

const what = "durable acknowledgement / bare node:http with HMAC and group commit";

/**
 * Durable acknowledgements at 64 keep-alive connections, as part of what a bare server reaches. The bar
 * is for a vendor's webhook; Standard Webhooks also reads the whole body before it answers, because an
 * unusable one is refused with 422, and the bare server does not.
 */
export async function run(): Promise<Row[]> {
  const vendor = await ratioFor("stripe");
  const own = await ratioFor("standard-webhooks");
  const note = `median of ${rounds} interleaved runs of ${requests}; processing is paused in this part`;
  return [
    { name: what, value: vendor, unit: "", bar: `>= ${bar}`, met: vendor >= bar, note },
    {
      name: `${what}, Standard Webhooks: body read before the answer`,
      value: own,
      unit: "",
      bar: "none",
      met: true,
      note,
    },
  ];
}

async function ratioFor(scheme: Scheme): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "bench-ack-"));
  using portal = startChild("server", ["receive", folder]);
  using bare = startChild("bare-server", [folder]);
  const ports = { portal: Number(await portal.read()), bare: Number(await bare.read()) };
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const from = round * requests;
    const ours = await loadOnce({ port: ports.portal, scheme, from });
    const theirs = await loadOnce({ port: ports.bare, scheme, from });
    // The first round warms both up.
    if (round > 0) ratios.push(ours.perSecond / theirs.perSecond);
  }
  await rm(folder, { recursive: true });
  return median(ratios);
}

async function loadOnce(load: { port: number; scheme: Scheme; from: number }): Promise<LoadResult> {
  const path = load.scheme === "stripe" ? "/webhooks/stripe" : "/webhooks/erp";
  const plan: LoadPlan = { ...load, path, connections: 64, requests, perSecond: null };
  using loader = startChild("load-process", [JSON.stringify(plan)]);
  const result = LoadResult.parse(JSON.parse(await loader.read()));
  if (result.refused > 0) throw new Error(`${result.refused} deliveries were refused`);
  return result;
}
