import { z } from "zod";
import { startChild } from "./child.ts";
import { filledFolder } from "./filled.ts";
import { drained, loadOnce } from "./load-once.ts";
import { atMost, median, type Plan, type Row } from "./row.ts";

const bar = 1.3;
const pagesEach = 60;
const deliveries = 5_000;
const Ready = z.object({ url: z.string(), cookie: z.string() });

/** What becomes slower when a ledger has a hundred times the invoices: each as a multiple. */
export async function run({ runs, small, large }: Plan): Promise<Row[]> {
  using few = startChild("pages-server", [await filledFolder(small), "0"]);
  using many = startChild("pages-server", [await filledFolder(large), "0"]);
  const sizes = [await sizeOf(few), await sizeOf(many)] as const;
  const found: Record<string, number[]> = {};
  for (let round = 0; round <= runs; round++) {
    const [of, ofMany] = [await timesOf(sizes[0], round), await timesOf(sizes[1], round)];
    for (const [name, ms] of Object.entries(ofMany)) {
      // The first round warms both up.
      if (round > 0) (found[name] ??= []).push(ms / (of[name] ?? ms));
    }
  }
  return Object.entries(found).map(([name, ratios]) => {
    const value = median(ratios);
    const note = `median of ${runs} interleaved runs, 1,000 invoices a customer`;
    const shown = `${name}, ${large} invoices / ${small}`;
    return { name: shown, value, unit: "", note, ...atMost(value, bar) };
  });
}

type Portal = ReturnType<typeof startChild>;
type Size = Awaited<ReturnType<typeof sizeOf>>;

async function sizeOf(portal: Portal) {
  const { url, cookie } = Ready.parse(JSON.parse(await portal.read()));
  const list = await textOf({ url, cookie, path: "/invoices" });
  const [invoice = ""] = /\/invoices\/inv_\w+/.exec(list) ?? [];
  return { portal, url, cookie, invoice };
}

/** Milliseconds of each thing; of ingest, per delivery. */
async function timesOf(size: Size, round: number): Promise<Record<string, number>> {
  const page = (path: string) => pageMs({ ...size, path });
  const times = {
    "list page": await page("/invoices"),
    "search by words": await page("/invoices?q=anodizing+balconies"),
    "search by number": await page("/invoices?q=KA-0010"),
    "invoice page": await page(size.invoice),
    "statement totals": Number(await size.portal.ask("totals")),
  };
  return { ...times, "ingest of a delivery": await ingestMs(size, round) };
}

async function pageMs(target: Size & { path: string }): Promise<number> {
  const took: number[] = [];
  for (let times = 0; times < pagesEach; times++) {
    const started = performance.now();
    await textOf(target);
    took.push(performance.now() - started);
  }
  return median(took);
}

async function ingestMs({ url, portal }: Size, round: number): Promise<number> {
  const port = Number(new URL(url).port);
  const started = performance.now();
  const from = round * deliveries;
  await loadOnce({ port, scheme: "standard-webhooks", requests: deliveries, from });
  await drained(() => portal.ask("waiting"));
  return (performance.now() - started) / deliveries;
}

async function textOf(target: { url: string; cookie: string; path: string }): Promise<string> {
  const { url, cookie, path } = target;
  const answer = await fetch(url + path, { headers: { cookie }, redirect: "error" });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return answer.text();
}
