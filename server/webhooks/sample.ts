import type { IncomingMessage } from "node:http";
import type { Insertable } from "kysely";
import type { RefusedTable } from "#db/schema/deliveries.ts";
import type { Connection } from "#server/connections/connections.ts";
import type { Context } from "#server/context.ts";
import type { RequestError } from "#server/errors.ts";
import { toInstant } from "#domain/time.ts";

const bodyKept = 4096;
const telling = /authorization|cookie|signature|hmac|secret|token|key|sign/;

/** What an administrator needs to see why a request was refused, with secrets shortened. */
export function sampleOf(
  { clock }: Context,
  connection: Connection,
  incoming: IncomingMessage,
  body: Buffer,
  error: RequestError,
): Insertable<RefusedTable> {
  return {
    connection_id: connection.id,
    at: toInstant(clock()),
    status: error.status,
    reason: error.message,
    method: incoming.method ?? "GET",
    headers: JSON.stringify(shortened(incoming.headers)),
    // A copy: a part of the body would keep all of it.
    body: Buffer.from(body.subarray(0, bodyKept)),
  };
}

/** Enough of a signature to tell two apart, too little to use it. */
function shortened(headers: IncomingMessage["headers"]): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = String(value);
    const start = text.slice(0, Math.min(8, text.length >> 2));
    shown[name] = telling.test(name) ? `${start}… (${text.length} characters)` : text;
  }
  return shown;
}
