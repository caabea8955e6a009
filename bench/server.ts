import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { queueState } from "#db/queries/deliveries.ts";
import { readConfig } from "#server/config.ts";
import { loadConnections } from "#server/connections.ts";
import { createMetrics } from "#server/metrics.ts";
import { openContext } from "#server/open-context.ts";
import { startPortal } from "#server/start.ts";
import { webhookListener } from "#server/webhooks/route.ts";
import { createAuth } from "#server/auth.ts";
import { secret } from "./messages.ts";

/**
 * The portal under load, in a process of its own: `receive` takes deliveries and leaves them
 * unprocessed, `ingest` is the whole portal. Takes the mode and a data folder, prints its port, and
 * answers each line on stdin with the number of deliveries that wait.
 */
const [, , mode = "ingest", folder = "."] = process.argv;
mkdirSync(folder, { recursive: true });
const file = join(folder, "connections.json");
const erp = { id: "erp", system: "standard-webhooks", secrets: { webhookSecret: secret } };
const stripe = { id: "stripe", system: "stripe", secrets: { webhookSecret: secret } };
writeFileSync(file, JSON.stringify([erp, stripe]));
const config = readConfig({
  NODE_ENV: "production",
  APP_SECRET: "a secret for measuring that is long enough",
  PUBLIC_URL: "http://localhost:0",
  PORT: "0",
  DATA_DIR: folder,
  CONNECTIONS_FILE: file,
  LOG_LEVEL: "error",
});

if (mode === "receive") await receiveOnly();
else await ingest();

async function receiveOnly(): Promise<void> {
  const { context } = await openContext(config);
  const connections = await loadConnections(context);
  await connections.applyFile(JSON.stringify([erp, stripe]), () => undefined);
  const ignore = () => {};
  const portal = { ...context, connections, auth: createAuth(context) };
  const webhooks = webhookListener(
    { ...portal, wakeOutbox: ignore, wakeProcess: ignore },
    { metrics: createMetrics(context) },
  );
  const server = createServer({ keepAliveTimeout: 65_000 }, webhooks.listener);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address && typeof address !== "string") console.log(address.port);
  });
}

async function ingest(): Promise<void> {
  const noPages = {
    files: (_incoming: unknown, _outgoing: unknown, next: () => void) => next(),
    handle: async () => new Response(null, { status: 404 }),
    close: async () => {},
  };
  const { portal } = await startPortal({ config, pages: async () => noPages });
  console.log(portal.config.port);
  process.stdin.on("data", () => {
    queueState(portal.db).then(({ waiting }) => console.log(waiting), console.error);
  });
}
