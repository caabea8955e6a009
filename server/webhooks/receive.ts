import { randomUUID } from "node:crypto";
import type { NewDelivery } from "#db/queries/deliveries.ts";
import type { Connection } from "#server/connections/connections.ts";
import { RequestError } from "#server/errors.ts";
import type { Answer, Delivery } from "#server/connectors/contract.ts";
import { requireAuthentic } from "./authentic.ts";
import { handshakeOf } from "./handshake.ts";
import { parseBody } from "./parse-body.ts";

/** A delivery with what the receiver alone knows of it. */
export interface Arrival {
  delivery: Delivery;
  path: string;
  /** As they came, names in lower case. */
  headers: Record<string, string | string[] | undefined>;
}

/** What becomes of a request: answered and forgotten, or stored and then answered. */
export type Received =
  { kind: "greeted"; answer: Answer } | { kind: "stored"; row: NewDelivery; answer: Answer };

/**
 * Reads no more of a request than its answer needs. Throws NotAuthentic, and 503 while
 * the connection is paused.
 * Where the sender is somebody's own code, a body that says nothing usable is stored as dead and
 * refused with 422, 400 or 415; its key is kept apart, so that the repaired message is not a duplicate.
 */
export function receive(connection: Connection, arrival: Arrival): Received {
  const { connector } = connection;
  const { delivery } = arrival;
  const greeting = handshakeOf(connector, delivery);
  if (greeting) return { kind: "greeted", answer: greeting };
  requireAuthentic(connector, delivery);
  requireRunning(connection);
  if (connector.isPing(delivery)) return { kind: "greeted", answer: connector.accepted };
  const dedupeKey = connector.dedupeKey(delivery) ?? randomUUID();
  const row = newRow(connection.id, dedupeKey, arrival);
  const fault = connector.answersUnusable ? faultIn(connection, delivery) : null;
  if (fault === null) return { kind: "stored", row, answer: connector.accepted };
  const dead = { dedupe_key: `unusable:${dedupeKey}`, due_at: null, dead_at: row.received_at };
  const answer = answerToUnusable(fault);
  return { kind: "stored", row: { ...row, ...dead, error: fault.message }, answer };
}

/** CloudEvents, HTTP binding: 400 for a malformed event, 415 for another format; else 422. */
export function answerToUnusable({ status, message }: RequestError): Answer {
  return {
    status: status === 400 || status === 415 ? status : 422,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: `${message}\n`,
  };
}

/** Throws 503 while the connection is paused, to whoever has proved to be its sender. */
export function requireRunning({ pausedAt }: Connection): void {
  if (pausedAt === null) return;
  throw new RequestError(503, "This connection is paused", { headers: { "retry-after": "3600" } });
}

/** Why the body says nothing usable; null when it does. */
function faultIn(connection: Connection, delivery: Delivery): RequestError | null {
  try {
    parseBody(connection.connector, delivery);
    return null;
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
}

function newRow(connection: string, dedupeKey: string, arrival: Arrival): NewDelivery {
  const { method, body, receivedAt } = arrival.delivery;
  const at = receivedAt.toISOString();
  return {
    connection_id: connection,
    dedupe_key: dedupeKey,
    method,
    path: shortened(arrival.path),
    headers: JSON.stringify(withoutSecrets(arrival.headers)),
    body,
    received_at: at,
    due_at: at,
    dead_at: null,
    error: null,
    origin: arrival.headers["portal-simulation"] === undefined ? "receive" : "simulation",
  };
}

/** What follows the "?" of an address; "" when nothing does. */
export function queryOf(path: string): string {
  const at = path.indexOf("?");
  return at < 0 ? "" : path.slice(at + 1);
}

/** Some systems can send their secret in the address alone; it was checked and is not kept. */
function shortened(path: string): string {
  if (!path.includes("?")) return path;
  return path.replace(/(?<=[?&](?:token|secret|key)=)[^&]+/gi, "…");
}

const secret = ["authorization", "proxy-authorization", "cookie", "x-portal-key"];

/** A secret that was checked is not needed again. */
function withoutSecrets(headers: Arrival["headers"]): Arrival["headers"] {
  if (!secret.some((name) => headers[name] !== undefined)) return headers;
  const kept = { ...headers };
  for (const name of secret) delete kept[name];
  return kept;
}
