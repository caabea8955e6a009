import { randomUUID } from "node:crypto";
import type { NewDelivery } from "#db/queries/deliveries.ts";
import type { Connection } from "#server/connections.ts";
import { RequestError } from "#server/errors.ts";
import type { Answer, Delivery } from "./connectors/connector.ts";
import { handshakeOf, verify } from "./verify.ts";

/** A delivery with what the receiver alone knows of it. */
export interface Arrival {
  delivery: Delivery;
  path: string;
  /** As they came, names in lower case. */
  headers: Record<string, string | string[] | undefined>;
}

/** What becomes of a request: answered and forgotten, or stored and then answered. */
export type Received =
  | { kind: "greeted"; answer: Answer }
  | { kind: "stored"; row: NewDelivery; answer: Answer };

/**
 * Reads no more of a request than its answer needs. Throws RequestError when it is not authentic.
 * Where the sender is somebody's own code, a body that says nothing usable is stored as dead and
 * refused with 422; its key is kept apart, so that the repaired message is not a duplicate.
 */
export function receive(connection: Connection, arrival: Arrival): Received {
  const { connector } = connection;
  const { delivery } = arrival;
  const greeting = handshakeOf(connection, delivery);
  if (greeting) return { kind: "greeted", answer: greeting };
  verify(connection, delivery);
  if (connector.isPing?.(delivery)) return { kind: "greeted", answer: connector.accepted };
  const dedupeKey = connector.dedupeKey(delivery) ?? randomUUID();
  const row = newRow(connection.id, dedupeKey, arrival);
  const reason = connector.answersUnusable ? unusable(connection, delivery) : undefined;
  if (reason === undefined) return { kind: "stored", row, answer: connector.accepted };
  const dead = { dedupeKey: `unusable:${dedupeKey}`, dueAt: null, deadAt: row.receivedAt };
  const answer = { status: 422, headers: { "content-type": "text/plain" }, body: `${reason}\n` };
  return { kind: "stored", row: { ...row, ...dead, error: reason }, answer };
}

function unusable(connection: Connection, delivery: Delivery): string | undefined {
  try {
    connection.connector.parse(delivery, connection.settings);
    return undefined;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
}

function newRow(connection: string, dedupeKey: string, arrival: Arrival): NewDelivery {
  const { method, body, receivedAt } = arrival.delivery;
  const at = receivedAt.toISOString();
  return {
    connection,
    dedupeKey,
    method,
    path: arrival.path,
    headers: JSON.stringify(arrival.headers, withoutSecrets),
    body,
    receivedAt: at,
    dueAt: at,
    deadAt: null,
    error: null,
    origin: "portal-simulation" in arrival.headers ? "simulation" : "receive",
  };
}

const secret = new Set(["authorization", "proxy-authorization", "cookie", "x-portal-key"]);

/** A secret that was checked is not needed again. */
function withoutSecrets(name: string, value: unknown): unknown {
  return secret.has(name) ? "[not kept]" : value;
}
