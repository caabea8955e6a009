import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { z } from "zod";
import { startChild } from "./child.ts";
import { startLoad } from "./load-once.ts";
import { atMost, median, noBar, type Plan, quantile, type Row } from "./row.ts";

const pagesPerSecond = 50;
const webhooksPerSecond = 2_000;
const invoices = 1_248;
const bar = 2;
const Ready = z.object({ url: z.string(), list: z.string(), cookie: z.string() });

/**
 * The slowest of a hundred list pages while webhooks arrive, as a multiple of an idle portal's. Pages are
 * asked for at fixed times whether or not earlier ones came (an open loop), and waits count from there.
 */
export async function run({ runs, seconds }: Plan): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-under-load-"));
  using portal = startChild("pages-server", [folder, String(invoices)]);
  const { url, list, cookie } = Ready.parse(JSON.parse(await portal.read()));
  const port = Number(new URL(url).port);
  const each = Math.max(2, Math.round(seconds / runs));
  const ask = () => openLoop({ url, list, cookie, seconds: each });
  await ask();
  const [idle, loaded]: [number[], number[]] = [[], []];
  for (let round = 0; round < runs; round++) {
    idle.push(await ask());
    const requests = webhooksPerSecond * each;
    const load = { port, scheme: "standard-webhooks", requests, from: round * requests } as const;
    const arriving = await startLoad({ ...load, perSecond: webhooksPerSecond });
    loaded.push(await ask());
    await arriving.result;
  }
  await rm(folder, { recursive: true });
  const value = median(loaded.map((ms, at) => ms / (idle[at] ?? ms)));
  const note = `median of ${runs} interleaved runs of ${each} s, ${pagesPerSecond} pages/s, ${webhooksPerSecond} webhooks/s`;
  const name = "list page p99 under ingest";
  return [
    { name: `${name} / idle`, value, unit: "", note, ...atMost(value, bar) },
    { name, value: median(loaded), unit: " ms", note, ...noBar },
    { name: "list page p99 idle", value: median(idle), unit: " ms", note, ...noBar },
  ];
}

/** Asks for the list at fixed times; gives the p99 of the waits in milliseconds. */
async function openLoop(asked: z.infer<typeof Ready> & { seconds: number }): Promise<number> {
  const { url, list, cookie, seconds } = asked;
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  const started = performance.now();
  const waits = Array.from({ length: seconds * pagesPerSecond }, async (_, index) => {
    const due = started + (index / pagesPerSecond) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    const page = { path: list, method: "GET", headers: { cookie } } as const;
    const { statusCode, body } = await pool.request(page);
    await body.arrayBuffer();
    if (statusCode !== 200) throw new Error(`${list} answered ${statusCode}`);
    return performance.now() - due;
  });
  const took = await Promise.all(waits);
  await pool.close();
  return quantile(took, 0.99);
}
