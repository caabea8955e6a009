import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { launchBrowser } from "#test/support/browser.ts";
import { startChild } from "./child.ts";
import { secret } from "./messages.ts";
import { atMost, quantile, type Row } from "./row.ts";

const changes = 200;
const barP99Ms = 1_000;
const Ready = z.object({ url: z.string(), list: z.string(), cookie: z.string() });

/** From sending a signed webhook to the changed text in a page open in Chromium. */
export async function run(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-live-"));
  using portal = startChild("pages-server", [folder, "200"]);
  const { url, list, cookie } = Ready.parse(JSON.parse(await portal.read()));
  const browser = await launchBrowser();
  const took: number[] = [];
  try {
    const browsing = await browser.newContext();
    const [name = "", ...value] = cookie.split("=");
    await browsing.addCookies([{ name, value: value.join("="), url }]);
    const page = await browsing.newPage();
    await page.goto(url + list);
    await page.getByText(/^Live, /).waitFor();
    const number = await page
      .getByText(/^KA-\d+$/)
      .first()
      .innerText();
    for (let version = 2; version < changes + 2; version++) {
      const total = `${version},`.padStart(3, "9") + String(100 + (version % 900)).padStart(3, "0");
      const seen = page.waitForFunction(
        (text) => document.querySelector("main")?.textContent?.includes(text) ?? false,
        total,
        { polling: "raf" },
      );
      const start = performance.now();
      await send(url, { number, version, total: total.replace(",", "") });
      await seen;
      took.push(performance.now() - start);
    }
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
  const note = `${changes} changes one after the other, seen by the page's own frames`;
  const row = (what: string, ms: number, bar: number) => ({
    name: `webhook to changed text in Chromium, ${what}`,
    value: ms,
    unit: " ms",
    note,
    ...atMost(ms, bar),
  });
  return [
    row("p50", quantile(took, 0.5), barP99Ms / 4),
    row("p99", quantile(took, 0.99), barP99Ms),
  ];
}

interface Sent {
  number: string;
  version: number;
  /** A decimal without separators. */
  total: string;
}

async function send(url: string, { number, version, total }: Sent): Promise<void> {
  const invoice = {
    number,
    externalId: `ka-${Number(number.replace("KA-", ""))}`,
    currency: "EUR",
    total: `${total}.00`,
    balance: `${total}.00`,
    version,
  };
  const at = new Date();
  const body = JSON.stringify({
    type: "invoice.updated",
    timestamp: at.toISOString(),
    data: { invoice },
  });
  const id = `msg_${version}`;
  const answer = await fetch(`${url}/webhooks/erp`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    },
  });
  if (!answer.ok) throw new Error(`The portal answered ${answer.status}`);
}
