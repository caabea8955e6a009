import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createAuth } from "./access/auth.ts";
import { WriteTurn } from "#db/write-turn.ts";
import type { Config } from "./config.ts";
import { Connections } from "./connections/connections.ts";
import type { Clock } from "#domain/time.ts";
import { answerInTurn } from "./http/answer-in-turn.ts";
import { requestListener } from "./http/handle.ts";
import { answer } from "./http/web-request.ts";
import { upgradingWhere } from "./http/upgrade.ts";
import { attachLive } from "./live/live.ts";
import { isLiveSocket } from "./live/path.ts";
import { createMetrics } from "./http/metrics.ts";
import { openContext } from "./open-context.ts";
import { startDispatch } from "./outbox/dispatch.ts";
import type { Pages } from "./http/pages.ts";
import type { Portal } from "./portal-context.ts";
import { resealAll } from "./reseal.ts";
import { startScheduler } from "./scheduler.ts";
import { startCheckpointThread } from "./database/start-checkpoint-thread.ts";
import { type Processing, startProcess } from "./webhooks/process.ts";
import type { CountOutcome } from "./webhooks/process-messages.ts";
import { startProcessThread } from "./webhooks/start-process-thread.ts";
import type { Limits } from "./webhooks/read-delivery.ts";
import { webhookListener } from "./webhooks/route.ts";

export interface StartOptions {
  config: Config;
  /** A clock of one's own; deliveries are then processed in this thread, since no clock can leave it. */
  clock?: Clock | undefined;
  /** Where `env:NAME` of the connections file is looked up. */
  environment?: Record<string, string | undefined>;
  /** Opens the pages; `server` is for a development server's own socket. */
  pages: (server: Server) => Promise<Pages>;
  /** How much of a delivery is read, and how long. */
  limits?: Limits | undefined;
  /**
   * Called when an fsync failed; ends the process by default. The disk may have lost what it said it
   * kept, so that nothing is tried again and the next start reads what is really there.
   */
  onDiskFailure?: (error: unknown) => void;
}

/**
 * Opens and migrates the database, builds every part and listens. With port 0 the system picks one and
 * `publicUrl` names it. `settled` waits until nothing is due; `close` stops in reverse order.
 */
export async function startPortal(options: StartOptions) {
  const stops: Stops = [];
  const IncomingMessage = upgradingWhere(takesUpgrade(options.config));
  const server = createServer({ ...timeouts, IncomingMessage }, sayStarting);
  try {
    return await start(options, server, stops);
  } catch (error) {
    server.close();
    await stopAll(stops);
    throw error;
  }
}

type Stops = (() => Promise<void> | void)[];

async function stopAll(stops: Stops): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

async function start(options: StartOptions, server: Server, stops: Stops) {
  const turn = WriteTurn.shared();
  const onDiskFailure = options.onDiskFailure ?? exit;
  const opened = await open(options, stops, { turn, onDiskFailure });
  const config = await listen(server, options.config);
  const context = { ...opened, config };

  const connections = await new Connections(context).load();
  stops.push(() => connections.close());
  await resealAll(context, connections);
  await applyFile(connections, config, options.environment);
  const portal: Portal = {
    ...context,
    auth: createAuth(context),
    connections,
    wakeOutbox: () => dispatch.wake(),
    wakeProcess: () => deliveries.wake(),
  };
  const metrics = createMetrics(context);
  const dispatch = startDispatch(portal);
  stops.push(() => dispatch.stop());
  const count: CountOutcome = (result, rows) => metrics.processed.inc({ result }, rows);
  const deliveries = options.clock
    ? startProcess(portal, count)
    : startThread(portal, { count, turn, onEnd: onDiskFailure });
  stops.push(() => deliveries.stop());
  const webhooks = webhookListener(portal, { metrics, limits: options.limits });
  stops.push(() => webhooks.stop());
  const pages = await options.pages(server);
  stops.push(() => pages.close());
  server.off("request", sayStarting);
  server.on("request", requestListener({ portal, pages, metrics, webhook: webhooks.listener }));
  stops.push(() => closeServer(server));
  // After the listener: socket.io hands it what is not its own.
  const live = attachLive(server, portal);
  answerInTurn(server);
  metrics.countSockets(() => live.count());
  stops.push(() => live.close());
  const scheduler = startScheduler(portal, { ownClock: options.clock !== undefined });
  stops.push(() => scheduler.stop());
  context.log.info({ url: config.publicUrl }, "the portal listens");
  return {
    url: config.publicUrl,
    portal,
    scheduler,
    settled: () => settled({ webhooks, deliveries, dispatch }),
    close: () => stopAll(stops),
  };
}

interface Shared {
  turn: SharedArrayBuffer;
  onDiskFailure: (error: unknown) => void;
}

/** Opens the database and, beside it, what keeps its log short. */
async function open({ config, clock }: StartOptions, stops: Stops, shared: Shared) {
  const { turn, onDiskFailure } = shared;
  const { context, close } = await openContext(config, {
    clock,
    onSyncFailure: onDiskFailure,
    turn: new WriteTurn(turn),
    emptiesLog: clock !== undefined,
  });
  stops.push(close);
  if (!clock) stops.push(startCheckpointThread(context, { turn, onEnd: onDiskFailure }));
  return context;
}

function startThread(portal: Portal, options: Parameters<typeof startProcessThread>[1]) {
  const thread = startProcessThread(portal, options);
  portal.connections.whenReloaded(thread.reload);
  return thread;
}

async function applyFile(
  connections: Connections,
  { connectionsFile }: Config,
  environment: StartOptions["environment"],
): Promise<void> {
  if (connectionsFile === undefined) return;
  const text = await readFile(connectionsFile, "utf8");
  await connections.applyFile(text, (name) => environment?.[name]);
}

interface Parts {
  webhooks: ReturnType<typeof webhookListener>;
  deliveries: Processing;
  dispatch: ReturnType<typeof startDispatch>;
}

async function settled({ webhooks, deliveries, dispatch }: Parts): Promise<void> {
  await webhooks.flush();
  do {
    await deliveries.idle();
    await dispatch.idle();
  } while (!(await deliveries.isIdle()));
}

/** Senders keep connections for a minute: closing earlier than they do would race with their next request. */
const timeouts = {
  keepAliveTimeout: 65_000,
  headersTimeout: 66_000,
  requestTimeout: 70_000,
  connectionsCheckingInterval: 5_000,
};

/** Live pages, and in development Vite's own socket, which names its protocol. */
function takesUpgrade({ production }: Config): (incoming: IncomingMessage) => boolean {
  return (incoming) =>
    isLiveSocket(incoming) ||
    (!production && incoming.headers["sec-websocket-protocol"]?.startsWith("vite-") === true);
}

function sayStarting(_incoming: unknown, outgoing: Parameters<typeof answer>[0]): void {
  answer(outgoing, 503, "The portal is starting", { "retry-after": "5" });
}

/** Gives the configuration with the port that the system picked, when it was to pick one. */
async function listen(server: Server, config: Config): Promise<Config> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.port, config.host, resolve);
  });
  const address = server.address();
  if (config.port !== 0 || address === null || typeof address === "string") return config;
  const publicUrl = config.publicUrl.replace(/:0$/, `:${address.port}`);
  return { ...config, port: address.port, publicUrl };
}

/** Takes no new connections, lets running requests end for 10 seconds, then cuts them. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), 10_000);
    // One whose answer was under way is kept alive when it has come.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(idle);
      resolve();
    });
  });
}

function exit(): void {
  process.exit(1);
}
