import type { Connection } from "#server/connections.ts";
import { RequestError } from "#server/errors.ts";
import type { Answer, Delivery } from "./connectors/connector.ts";

/** Gives the answer to what only asks whether we are there, undefined for a delivery. Throws 405. */
export function handshakeOf(connection: Connection, delivery: Delivery): Answer | undefined {
  const { connector, settings, secrets } = connection;
  const greeted = connector.handshake?.(delivery, settings, secrets);
  if (greeted) return greeted;
  if (delivery.method === "POST") return undefined;
  throw new RequestError(405, "Send deliveries by POST", { headers: { allow: "POST" } });
}

/** Throws RequestError when the connection's system did not send this. */
export function verify({ connector, settings, secrets }: Connection, delivery: Delivery): void {
  connector.verify(delivery, secrets, settings);
}
