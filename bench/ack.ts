import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { loadOnce } from "./load-once.ts";
import type { Scheme } from "./messages.ts";
import { atLeast, median, noBar, type Plan, type Row } from "./row.ts";

const requests = 12_000;
const bar = 0.8;

const what = "durable acknowledgement / bare node:http with HMAC and group commit";

/**
 * Durable acknowledgements at 64 keep-alive connections, as part of what a bare server reaches. The bar
 * is for a vendor's webhook; Standard Webhooks also reads the whole body before it answers, because an
 * unusable one is refused with 422, and the bare server does not.
 */
export async function run({ runs }: Plan): Promise<Row[]> {
  const vendor = await ratioFor("stripe", runs);
  const own = await ratioFor("standard-webhooks", runs);
  const note = `median of ${runs} interleaved runs of ${requests}; processing is paused in this part`;
  return [
    { name: what, value: vendor, unit: "", note, ...atLeast(vendor, bar) },
    {
      name: `${what}, Standard Webhooks: body read before the answer`,
      value: own,
      unit: "",
      note,
      ...noBar,
    },
  ];
}

async function ratioFor(scheme: Scheme, runs: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "bench-ack-"));
  using portal = startChild("server", ["receive", folder]);
  using bare = startChild("bare-server", [folder]);
  const ports = { portal: Number(await portal.read()), bare: Number(await bare.read()) };
  const ratios: number[] = [];
  for (let round = 0; round <= runs; round++) {
    const from = round * requests;
    const ours = await loadOnce({ port: ports.portal, scheme, requests, from });
    const theirs = await loadOnce({ port: ports.bare, scheme, requests, from });
    // The first round warms both up.
    if (round > 0) ratios.push(ours.perSecond / theirs.perSecond);
  }
  await rm(folder, { recursive: true });
  return median(ratios);
}
