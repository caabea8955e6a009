import type { DueDelivery } from "#db/queries/deliveries.ts";
import type { Connection, Connections } from "#server/connections/connections.ts";
import type { Change } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { Parsed, Rejected } from "#server/connectors/contract.ts";
import { ParsedHeaders } from "#server/connectors/kit/request-headers.ts";
import { parseBody } from "./parse-body.ts";
import { queryOf } from "./receive.ts";
import type { SystemEntry } from "#server/ledger/entry.ts";

/** A stored delivery and what it says. */
export interface ParsedDelivery {
  row: DueDelivery;
  connection: Connection;
  changes: Change[];
  /** Elements of it that cannot be used. */
  rejected: Rejected[];
}

/** Reads the stored bytes. Throws RequestError when they say nothing usable or their connection is gone. */
export function parseDelivery(connections: Connections, row: DueDelivery): ParsedDelivery {
  const connection = connections.get(row.connection_id);
  if (!connection) throw new RequestError(404, "Its connection is gone");
  const delivery = {
    method: row.method,
    query: queryOf(row.path),
    headers: new ParsedHeaders(JSON.parse(row.headers)),
    body: bufferOver(row.body),
    receivedAt: new Date(row.received_at),
  };
  return {
    row,
    connection,
    ...readable(connection.connector, parseBody(connection.connector, delivery)),
  };
}

/** What only names what changed is of no use where nothing can be read: finance is told so. */
function readable(
  { name, fetch, app }: BoundConnector,
  parsed: Required<Parsed>,
): Required<Parsed> {
  const isThin = parsed.changes.some(({ kind }) => kind === "fetch");
  if (!isThin || fetch !== undefined || app !== undefined) return parsed;
  const changes = parsed.changes.filter(({ kind }) => kind !== "fetch");
  const told = new Set(changes.map(({ invoice }) => invoice.externalId));
  const lost = parsed.changes.filter(
    ({ kind, invoice }) => kind === "fetch" && !told.has(invoice.externalId),
  );
  const reason = `The message does not say what changed, and the portal may not read from ${name}`;
  const rejected = lost.map(({ invoice: { externalId, number } }) => ({
    at: externalId ?? number ?? "A notice",
    reason,
  }));
  return { changes, rejected: [...parsed.rejected, ...rejected] };
}

function bufferOver({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What the ledger is told. A replay is quiet: nobody is mailed about the past. */
export function entryOf(
  { row, connection, changes }: Omit<ParsedDelivery, "rejected">,
  asked: SystemEntry["asked"],
): SystemEntry {
  const simulated = row.origin === "simulation";
  return {
    kind: "system",
    connection: {
      id: connection.id,
      kind: connection.kind,
      versionsFrom: connection.versionsFrom,
    },
    changes,
    receivedAt: row.received_at,
    delivery: row.id,
    asked,
    source: {
      kind: "connection",
      connection: connection.id,
      delivery: row.id,
      ...(simulated && { simulated }),
    },
    quiet: row.origin === "replay",
  };
}
