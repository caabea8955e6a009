import { readFileSync } from "node:fs";
import { once } from "node:events";
import type { Server } from "node:http";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { keepBusy } from "./activity.ts";
import type { Erp } from "./change.ts";
import { serve } from "./http.ts";
import { ErpInvoice } from "./invoice.ts";
import { answerPeople, type Office } from "./people-routes.ts";
import { answerPortal } from "./portal-routes.ts";
import { loadInvoices, newestChangeAt, openStore } from "./store.ts";
import { startSender } from "./webhooks.ts";

const Secret = z.string().regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, "whsec_ and base64 is expected");

export const ErpOptions = z.object({
  port: z.int().min(0).max(65_535), // 0: any free port
  portalUrl: z.url(),
  connectionId: z.string().min(1),
  webhookSecret: Secret,
  writeBackSecret: Secret,
  fetchToken: z.string().min(1),
  dataFile: z.string().min(1),
  invoicesFile: z.string().optional(), // JSON array of ErpInvoice, read when the data file is empty
  keepBusy: z.boolean().default(false),
  busyEveryMs: z.int().positive().default(4000),
  seed: z.int().default(1),
  pausesMs: z.array(z.int().positive()).min(1).default([1000, 2000, 5000, 10_000, 30_000]),
});
export type ErpOptions = z.input<typeof ErpOptions>;

/**
 * Starts the demo ERP on 127.0.0.1: its pages at `url`, the address for write-backs, and the base of
 * its REST API. Webhooks go to `<portalUrl>/webhooks/<connectionId>`.
 */
export async function startErp(given: ErpOptions) {
  const options = ErpOptions.parse(given);
  const { erp, sender, activity } = open(options);
  const { portalUrl, writeBackSecret, fetchToken } = options;
  const office: Office = { erp, sender, activity, portalUrl, behaviour: { mode: "normal" } };
  const closing = new AbortController();
  const behaviour = () => office.behaviour;
  const desk = { erp, behaviour, writeBackSecret, fetchToken, signal: closing.signal };
  const server = serve(
    async (asked) => (await answerPortal(desk, asked)) ?? answerPeople(office, asked),
  );
  const url = await listen(server, options.port);
  sender.wake();
  if (options.keepBusy) activity.start();

  return {
    url,
    writeBackUrl: `${url}/write-back`,
    fetchUrl: `${url}/api`,
    /** For the functions in desk.ts and disputes.ts: what the buttons do, without a browser. */
    erp,
    activity,
    /** Puts ready-made invoices in; sends no webhooks. */
    loadInvoices: (invoices: readonly ErpInvoice[]) => loadInvoices(erp.store, invoices),
    /** Stops activity and sending, closes every connection, then the file. */
    async close() {
      activity.stop();
      closing.abort();
      await sender.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      erp.store.close();
    },
  };
}

function open(options: z.output<typeof ErpOptions>) {
  const { portalUrl, connectionId, webhookSecret: secret, pausesMs } = options;
  const store = openStore(options.dataFile);
  if (options.invoicesFile !== undefined && newestChangeAt(store) === null) {
    loadInvoices(store, readInvoices(options.invoicesFile));
  }
  const now = () => new Date();
  const url = new URL(`/webhooks/${connectionId}`, portalUrl).href;
  const sender = startSender({ store, url, secret, now, pausesMs });
  // Only after the transaction that rings the bell.
  const erp: Erp = { store, now, wake: () => setImmediate(sender.wake) };
  const activity = keepBusy(erp, { seed: options.seed, everyMs: options.busyEveryMs });
  return { erp, sender, activity };
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The ERP has no port");
  return `http://127.0.0.1:${address.port}`;
}

function readInvoices(file: string): ErpInvoice[] {
  return z.array(ErpInvoice).parse(JSON.parse(readFileSync(file, "utf8")));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const started = await startErp(ErpOptions.parse(JSON.parse(process.argv[2] ?? "{}")));
  const { url, writeBackUrl, fetchUrl } = started;
  console.log(JSON.stringify({ url, writeBackUrl, fetchUrl }));
  const stop = () => void started.close();
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
