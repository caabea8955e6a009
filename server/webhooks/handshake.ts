import { RequestError } from "#server/errors.ts";
import type { BoundConnector } from "./connectors/bind.ts";
import type { Answer, Delivery } from "./connectors/connector.ts";

/** Gives the answer to what only asks whether we are there, undefined for a delivery. Throws 405. */
export function handshakeOf(connector: BoundConnector, delivery: Delivery): Answer | undefined {
  const greeting = connector.handshake(delivery);
  if (greeting || delivery.method === "POST") return greeting;
  throw new RequestError(405, "Send deliveries by POST", { headers: { allow: "POST" } });
}
