import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connection } from "#server/connections/connections.ts";
import type { Metrics } from "#server/http/metrics.ts";
import { networkOf, peerReader } from "#server/http/peer.ts";
import type { Portal } from "#server/portal-context.ts";
import type { Answer } from "#server/connectors/contract.ts";
import { ParsedHeaders } from "#server/connectors/kit/request-headers.ts";
import { refuseStranger } from "./authentic.ts";
import { createDeliveryReader, isCompressed, type Limits, usualLimits } from "./read-delivery.ts";
import { createRefuse } from "./refuse.ts";
import { greetStranger } from "./handshake.ts";
import { type Arrival, queryOf, receive, type Received } from "./receive.ts";
import { serve } from "./serve.ts";
import { createStore, type Store } from "./store.ts";
import { createTally, type Tally } from "./tally.ts";

interface Options {
  metrics: Metrics;
  limits?: Limits | undefined;
}

interface Keeping extends Options {
  store: Store;
  tally: Tally;
}

/** The listener of `/webhooks/<connection>`: a request is answered once it is durable. */
export function webhookListener(portal: Portal, options: Options) {
  const { metrics } = options;
  const tally = createTally(portal);
  const store = createStore(portal, {
    onStored(rows, added) {
      metrics.received.inc({ result: "accepted" }, added);
      metrics.received.inc({ result: "duplicate" }, rows - added);
      if (added > 0) portal.wakeProcess();
    },
  });
  const keeping = { ...options, store, tally };
  const { refuse, limitOf } = createRefuse(portal, { metrics, tally });
  const peerOf = peerReader(portal.config);
  const readDelivery = createDeliveryReader(options.limits ?? usualLimits, (incoming) =>
    networkOf(peerOf(incoming).remoteAddress),
  );

  async function answerWebhook(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? "/";
    const connection = portal.connections.get(connectionIn(path));
    let body: Buffer = Buffer.alloc(0);
    try {
      // Undoing gzip comes before the signature, so whoever was refused too often is not given it.
      const limit = isCompressed(incoming) ? await limitOf(incoming) : undefined;
      if (limit) throw limit;
      body = await readDelivery(incoming);
      const started = performance.now();
      const arrival = arrivalOf(portal, { path, incoming, body });
      const answer = connection
        ? await accept(portal, keeping, { connection, arrival })
        : (greetStranger(arrival.delivery) ?? refuseStranger(body));
      reply(outgoing, answer);
      metrics.acknowledged.observe((performance.now() - started) / 1000);
    } catch (error) {
      await refuse(error, { connection, incoming, outgoing, body });
    }
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

/** Receives a delivery and keeps it; gives the answer once it is durable. */
async function accept(
  portal: Portal,
  keeping: Keeping,
  { connection, arrival }: { connection: Connection; arrival: Arrival },
): Promise<Answer> {
  const received = connection.connector.serve
    ? await serve(portal, connection, arrival)
    : receive(connection, arrival);
  await keep(keeping, connection, received);
  return received.answer;
}

function arrivalOf(
  portal: Portal,
  { path, incoming, body }: { path: string; incoming: IncomingMessage; body: Buffer },
): Arrival {
  const { method = "GET", headers } = incoming;
  const receivedAt = portal.clock();
  const query = queryOf(path);
  const delivery = { method, query, headers: new ParsedHeaders(headers), body, receivedAt };
  return { delivery, path, headers };
}

async function keep(
  { store, tally, metrics }: Keeping,
  connection: Connection,
  received: Received,
): Promise<void> {
  if (received.kind === "greeted") {
    tally.pinged(connection.id);
    metrics.received.inc({ result: "greeted" });
    return;
  }
  const { row } = received;
  await store.store(row);
  tally.delivered(connection.id, row.received_at);
  if (row.dead_at !== null) metrics.received.inc({ result: "unusable" });
}

/** Its id; a slash behind it, which some systems add, means the same address. */
function connectionIn(path: string): string {
  const [address = ""] = path.slice("/webhooks/".length).split("?", 1);
  return address.replace(/\/+$/, "");
}

/** Says how long it is: node would send an empty body of unknown length in chunks. */
function reply(outgoing: ServerResponse, { status, headers, body = "" }: Answer): void {
  const length = status === 204 ? undefined : { "content-length": Buffer.byteLength(body) };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(body);
}
