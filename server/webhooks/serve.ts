import type { Connection } from "#server/connections/connections.ts";
import { serveWork } from "#server/outbox/serve-work.ts";
import type { Portal } from "#server/portal-context.ts";
import { handshakeOf } from "./handshake.ts";
import { requireAuthentic } from "./authentic.ts";
import { type Arrival, receive, type Received, requireRunning } from "./receive.ts";

/**
 * Answers a system that calls us and asks for work. What it says of invoices on the way is received
 * as any delivery. Throws RequestError when the request is not authentic.
 */
export async function serve(
  portal: Portal,
  connection: Connection,
  arrival: Arrival,
): Promise<Received> {
  const { connector } = connection;
  const { delivery } = arrival;
  const greeting = handshakeOf(connector, delivery);
  if (greeting) return { kind: "greeted", answer: greeting };
  requireAuthentic(connector, delivery);
  requireRunning(connection);
  const served = await connector.serve?.(delivery, serveWork(portal, connection));
  if (!served?.carriesChanges) {
    return { kind: "greeted", answer: served?.answer ?? connector.accepted };
  }
  return { ...receive(connection, arrival), answer: served.answer };
}
