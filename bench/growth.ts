import { z } from "zod";
import { startChild } from "./child.ts";
import { filledFolder } from "./filled.ts";
import { ingestOnce } from "./load-once.ts";
import { atMost, median, type Plan, type Row } from "./row.ts";

const bar = 1.3;
const asksEach = 61;
const ingest = "ingest of a delivery";
const deliveries = 5_000;
const Ready = z.object({ url: z.string(), list: z.string(), cookie: z.string() });

/** What becomes slower when a ledger has a hundred times the invoices: each as a multiple. */
export async function run({ runs, small, large }: Plan): Promise<Row[]> {
  using few = startChild("pages-server", [await filledFolder(small), "0"]);
  using many = startChild("pages-server", [await filledFolder(large), "0"]);
  const sizes = [await sizeOf(few), await sizeOf(many)] as const;
  const found: Record<string, number[]> = {};
  for (let round = 0; round <= runs; round++) {
    for (const [name, once] of Object.entries(measures)) {
      const [ms, msOfMany] = await inTurns(sizes, (size) => once(size, round), timesOf(name));
      // The first round warms both up.
      if (round > 0) (found[name] ??= []).push(msOfMany / ms);
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
  const { url, list, cookie } = Ready.parse(JSON.parse(await portal.read()));
  const page = await textOf({ url, cookie, path: list });
  const [id = ""] = /inv_\w+/.exec(page) ?? [];
  return { portal, url, cookie, list, invoice: `${list}/${id}` };
}

/** Milliseconds that a thing takes once. */
const measures: Record<string, (size: Size, round: number) => Promise<number>> = {
  "list page": (size) => pageMs({ ...size, path: size.list }),
  "search by words": (size) => pageMs({ ...size, path: `${size.list}?q=anodizing+balconies` }),
  "search by number": (size) => pageMs({ ...size, path: `${size.list}?q=KA-0001` }),
  "invoice page": (size) => pageMs({ ...size, path: size.invoice }),
  "statement totals": async ({ portal }) => Number(await portal.ask("totals")),
  [ingest]: ingestMs,
};

function timesOf(name: string): number {
  return name === ingest ? 1 : asksEach;
}

/** The middle of so many tries of both sizes, one after the other, so that a disturbance meets both. */
async function inTurns(
  [few, many]: readonly [Size, Size],
  once: (size: Size) => Promise<number>,
  times: number,
): Promise<[number, number]> {
  const took: [number[], number[]] = [[], []];
  for (let count = 0; count < times; count++) {
    took[0].push(await once(few));
    took[1].push(await once(many));
  }
  return [median(took[0]), median(took[1])];
}

async function pageMs(target: Size & { path: string }): Promise<number> {
  const started = performance.now();
  await textOf(target);
  return performance.now() - started;
}

/** Per delivery, until all are recorded. */
async function ingestMs({ url, portal }: Size, round: number): Promise<number> {
  const port = Number(new URL(url).port);
  const from = round * deliveries;
  const load = { port, scheme: "standard-webhooks", requests: deliveries, from } as const;
  return ((await ingestOnce(portal, load)) * 1000) / deliveries;
}

async function textOf(target: { url: string; cookie: string; path: string }): Promise<string> {
  const { url, cookie, path } = target;
  const answer = await fetch(url + path, { headers: { cookie }, redirect: "error" });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return answer.text();
}
