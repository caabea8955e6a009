import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runDemo } from "#demo/run.ts";
import { launchBrowser } from "./browser.ts";
import { databaseOf } from "./database.ts";

/** A small demo on free ports where nothing happens by itself, and a browser to look at it. */
export async function openDemo() {
  const folder = await mkdtemp(join(tmpdir(), "demo-"));
  const database = await databaseOf(folder);
  const demo = await runDemo({
    folder,
    databaseUrl: database.url,
    keep: false,
    portalPort: 0,
    erpPort: 0,
    count: 60,
    keepBusy: false,
    say: () => {},
  });
  const browser = await launchBrowser();
  return {
    demo,
    browser,
    async close() {
      await browser.close();
      await demo.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}
