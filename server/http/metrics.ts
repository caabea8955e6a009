import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { queueState } from "#db/queries/deliveries.ts";
import { outboxState } from "#db/queries/outbox-state.ts";
import type { Config } from "#server/config.ts";
import type { Context } from "#server/context.ts";
import { answer } from "./web-request.ts";

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Counts what the portal does; read at /metrics with METRICS_TOKEN as bearer. Without a token they are open
 * in development and closed in production: they tell how busy a supplier is, and versions.
 */
export function createMetrics(context: Context) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const received = new Counter({
    name: "portal_deliveries_received_total",
    help: "Webhook requests by how they were answered",
    labelNames: ["result"],
    registers,
  });
  const processed = new Counter({
    name: "portal_deliveries_processed_total",
    help: "Deliveries by how processing ended",
    labelNames: ["result"],
    registers,
  });
  const acknowledged = new Histogram({
    name: "portal_acknowledge_seconds",
    help: "From a delivery's last byte to its durable acknowledgement",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  addQueueGauges(context, registry);
  return {
    received,
    processed,
    acknowledged,
    /** Reads the number of open live links whenever somebody asks. */
    countSockets(count: () => number): void {
      new Gauge({
        name: "portal_sockets",
        help: "Open live links",
        registers,
        collect() {
          this.set(count());
        },
      });
    },
    async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
      if (!mayRead(incoming, context.config)) {
        return answer(outgoing, 401, "METRICS_TOKEN is needed", { "www-authenticate": "Bearer" });
      }
      const body = await registry.metrics();
      outgoing.writeHead(200, { "content-type": registry.contentType });
      outgoing.end(body);
    },
  };
}

/** Gauges that are read from the database when somebody asks. */
function addQueueGauges({ db, clock }: Context, registry: Registry): void {
  const registers = [registry];
  const oldest = new Gauge({
    name: "portal_delivery_oldest_due_seconds",
    help: "How long the oldest due delivery has been waiting",
    registers,
  });
  new Gauge({
    name: "portal_delivery_queue",
    help: "Deliveries by state",
    labelNames: ["state"],
    registers,
    async collect() {
      const { waiting, dead, oldestReceivedAt } = await queueState(db);
      this.set({ state: "waiting" }, waiting);
      this.set({ state: "dead" }, dead);
      oldest.set(ageInSeconds(clock(), oldestReceivedAt));
    },
  });
  const outboxOldest = new Gauge({
    name: "portal_outbox_oldest_seconds",
    help: "How long the oldest unfinished row has been waiting",
    labelNames: ["kind"],
    registers,
  });
  new Gauge({
    name: "portal_outbox",
    help: "Unfinished outbox rows",
    labelNames: ["kind", "state"],
    registers,
    async collect() {
      for (const { kind, waiting, parked, oldestCreatedAt } of await outboxState(db)) {
        this.set({ kind, state: "waiting" }, waiting);
        this.set({ kind, state: "parked" }, parked);
        outboxOldest.set({ kind }, ageInSeconds(clock(), oldestCreatedAt));
      }
    },
  });
}

function ageInSeconds(now: Date, since: string | null): number {
  return since === null ? 0 : Math.max(0, (now.getTime() - Date.parse(since)) / 1000);
}

function mayRead(
  { headers }: IncomingMessage,
  { metricsToken: token, production }: Config,
): boolean {
  if (token === undefined) return !production;
  const given = Buffer.from(headers.authorization ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
