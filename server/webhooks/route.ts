import type { IncomingMessage, ServerResponse } from "node:http";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Connection } from "#server/connections.ts";
import { RequestError } from "#server/errors.ts";
import { answer, peerReader } from "#server/http.ts";
import type { Metrics } from "#server/metrics.ts";
import type { Portal } from "#server/portal-context.ts";
import type { Answer } from "./connectors/connector.ts";
import type { ParsedBodies } from "./parsed-bodies.ts";
import { readDelivery, usualLimits, type Limits } from "./read-delivery.ts";
import { receive, type Received } from "./receive.ts";
import { sampleOf } from "./sample.ts";
import { createStore } from "./store.ts";
import { createTally } from "./tally.ts";

interface Options {
  metrics: Metrics;
  parsed: ParsedBodies;
  onDiskFailure(error: unknown): void;
  limits?: Limits | undefined;
}

/** The listener of `/webhooks/<connection>`: a request is answered once it is durable. */
export function webhookListener(portal: Portal, options: Options) {
  const metrics = options.metrics;
  const tally = createTally(portal);
  const store = createStore(portal, {
    onDiskFailure: options.onDiskFailure,
    onStored(rows, added) {
      metrics.received.inc({ result: "accepted" }, added);
      metrics.received.inc({ result: "duplicate" }, rows - added);
      if (added > 0) portal.wakeProcess();
    },
  });
  const limits = options.limits ?? usualLimits;
  const strangers = strangerLimit(portal);

  async function answerWebhook(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? "/";
    const connection = portal.connections.get(connectionIn(path));
    let body: Buffer = Buffer.alloc(0);
    try {
      if (!connection) throw new RequestError(404, "There is no such connection");
      requireRunning(connection);
      body = await readDelivery(incoming, limits);
      const started = performance.now();
      const { method = "GET", headers } = incoming;
      const receivedAt = portal.clock();
      const delivery = { method, headers: headersOf(incoming), body, receivedAt };
      const received = receive(connection, { delivery, path, headers });
      await keep(connection, received);
      reply(outgoing, received.answer);
      metrics.acknowledged.observe((performance.now() - started) / 1000);
    } catch (error) {
      await refuse(error, { connection, incoming, outgoing, body });
    }
  }

  async function keep(connection: Connection, received: Received): Promise<void> {
    if (received.kind === "greeted") {
      tally.pinged(connection.id);
      metrics.received.inc({ result: "greeted" });
      return;
    }
    const { row, changes } = received;
    if (changes) options.parsed.keep(row.connection_id, row.dedupe_key, row.body, changes);
    await store.store(row);
    tally.delivered(connection.id, row.received_at);
    if (row.dead_at !== null) metrics.received.inc({ result: "unusable" });
  }

  async function refuse(thrown: unknown, request: Refused): Promise<void> {
    const { connection, incoming, outgoing, body } = request;
    let error = thrown instanceof RequestError ? thrown : undefined;
    if (!error) portal.log.error({ err: thrown, connection: connection?.id }, "a delivery failed");
    metrics.received.inc({ result: error && error.status < 500 ? "refused" : "failed" });
    if (error && error.status < 500) {
      const tooMany = await strangers(incoming);
      if (connection && !tooMany)
        tally.refused(sampleOf(portal, connection, incoming, body, error));
      error = tooMany ?? error;
    }
    if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
    if (error) answer(outgoing, error.status, error.message, error.headers);
    else answer(outgoing, 500, "Something went wrong on our side", { "retry-after": "60" });
  }

  return {
    listener(incoming: IncomingMessage, outgoing: ServerResponse): void {
      answerWebhook(incoming, outgoing).catch((error: unknown) => {
        portal.log.error({ err: error }, "a delivery could not be answered");
        outgoing.destroy();
      });
    },
    /** Writes the counts that are otherwise written once a second. */
    flush: tally.flush,
    async stop(): Promise<void> {
      await store.stop();
      await tally.stop();
    },
  };
}

interface Refused {
  connection: Connection | undefined;
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  body: Buffer;
}

function connectionIn(path: string): string {
  const end = path.indexOf("?");
  return path.slice("/webhooks/".length, end < 0 ? undefined : end);
}

function requireRunning({ pausedAt }: Connection): void {
  if (pausedAt === null) return;
  throw new RequestError(503, "This connection is paused", { headers: { "retry-after": "3600" } });
}

function headersOf({ headers }: IncomingMessage): Headers {
  const result = new Headers();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) result.set(name, typeof value === "string" ? value : value.join(", "));
  }
  return result;
}

function reply(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}

/** Limits what is refused, by peer: who is authentic is never slowed by a neighbour who is not. */
function strangerLimit(portal: Portal) {
  const limiter = new RateLimiterMemory({ points: 120, duration: 60 });
  const peerOf = peerReader(portal.config);
  return async (incoming: IncomingMessage): Promise<RequestError | undefined> => {
    try {
      await limiter.consume(peerOf(incoming).remoteAddress);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const seconds = String(Math.ceil(refusal.msBeforeNext / 1000));
      return new RequestError(429, "Too many refused requests", {
        headers: { "retry-after": seconds },
      });
    }
  };
}
