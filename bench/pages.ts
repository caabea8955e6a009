import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { z } from "zod";
import { launchBrowser } from "#test/support/browser.ts";
import { startChild } from "./child.ts";
import { atLeast, median, type Plan, type Row } from "./row.ts";

const requests = 1_000;
const connections = 16;
const invoices = 1_248;
const bar = 0.6;
const Ready = z.object({ url: z.string(), list: z.string(), cookie: z.string() });

/** The signed-in customer's list page, as part of what React streams of the same markup on its own. */
export async function run({ runs }: Plan): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-pages-"));
  using portal = startChild("pages-server", [folder, String(invoices)]);
  const ready = Ready.parse(JSON.parse(await portal.read()));
  const list = { url: ready.url, headers: { cookie: ready.cookie }, path: ready.list };
  const html = await textOf(list);
  const tree = join(folder, "tree.json");
  await writeFile(tree, JSON.stringify(await treeOf(html)));
  using bare = startChild("bare-react", [tree]);
  const stream = { url: `http://127.0.0.1:${await bare.read()}`, headers: {}, path: "/" };
  const streamed = (await textOf(stream)).length;
  if (Math.abs(streamed - html.length) > html.length / 10) {
    throw new Error(`The markup differs: ${html.length} and ${streamed} characters`);
  }
  const ratios: number[] = [];
  for (let round = 0; round <= runs; round++) {
    const ours = await perSecond(list);
    const theirs = await perSecond(stream);
    // The first round warms both up.
    if (round > 0) ratios.push(ours / theirs);
  }
  await rm(folder, { recursive: true });
  const value = median(ratios);
  const rows = (html.match(/<tr/g) ?? []).length;
  const note = `median of ${runs} interleaved runs of ${requests}; ${rows} rows, ${html.length} characters`;
  const name = "list page / bare React stream of the same markup";
  return [{ name, value, unit: "", note, ...atLeast(value, bar) }];
}

interface Target {
  url: string;
  path: string;
  headers: Record<string, string>;
}

async function textOf({ url, path, headers }: Target): Promise<string> {
  const answer = await fetch(url + path, { headers, redirect: "error" });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return answer.text();
}

async function perSecond({ url, path, headers }: Target): Promise<number> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  let left = requests;
  const start = performance.now();
  const ask = async () => {
    while (left-- > 0) {
      const { statusCode, body } = await pool.request({ path, method: "GET", headers });
      await body.arrayBuffer();
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  const seconds = (performance.now() - start) / 1000;
  await pool.close();
  return requests / seconds;
}

/** The page's markup as nested arrays, read by a browser, so that React can make every element of it. */
async function treeOf(html: string): Promise<unknown> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.route("**/*", (route) => route.abort());
    await page.setContent(html, { waitUntil: "commit" });
    return await page.evaluate(readTree);
  } finally {
    await browser.close();
  }
}

// Text, because the compiler's own helpers do not exist in the page.
const readTree = `(function read(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  const attributes = Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]));
  const children = [...node.childNodes].filter(({ nodeType, data }) => nodeType === 1 || data);
  return [node.localName, attributes, ...children.filter(({ nodeType }) => nodeType !== 8).map(read)];
})(document.documentElement)`;
