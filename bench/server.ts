import { createServer } from "node:http";
import { queueState } from "#db/queries/deliveries.ts";
import { Connections } from "#server/connections/connections.ts";
import { createMetrics } from "#server/http/metrics.ts";
import { openContext } from "#server/open-context.ts";
import { startPortal } from "#server/start.ts";
import { webhookListener } from "#server/webhooks/route.ts";
import { createAuth } from "#server/access/auth.ts";
import { benchConfig, connections } from "./bench-config.ts";

/**
 * The portal under load, in a process of its own: `receive` takes deliveries and leaves them
 * unprocessed, `ingest` is the whole portal. Takes the mode, a data folder and, where it is not SQLite,
 * the database's address; prints its port, and answers each line on stdin with the number of
 * deliveries that wait.
 */
const [, , mode = "ingest", folder = ".", databaseUrl = ""] = process.argv;
const config = benchConfig(folder, databaseUrl);

if (mode === "receive") await receiveOnly();
else await ingest();

async function receiveOnly(): Promise<void> {
  const { context } = await openContext(config);
  const loaded = await new Connections(context).load();
  await loaded.applyFile(JSON.stringify(connections), () => undefined);
  const ignore = () => {};
  const portal = { ...context, connections: loaded, auth: createAuth(context) };
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
