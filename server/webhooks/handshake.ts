import { RequestError } from "#server/errors.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { Answer, Delivery } from "#server/connectors/contract.ts";

/** Gives the answer to what only asks whether we are there, undefined for a delivery. Throws 403, 405. */
export function handshakeOf(connector: BoundConnector, delivery: Delivery): Answer | undefined {
  return connector.handshake(delivery) ?? greetStranger(delivery);
}

/**
 * The answer that every address gives, whether there is a connection or not, to what is no delivery.
 * Throws 403 to a CloudEvents sender that nobody allowed, 405 for other methods.
 */
export function greetStranger({ method, headers }: Delivery): Answer | undefined {
  if (method === "POST") return undefined;
  if (method !== "OPTIONS") {
    throw new RequestError(405, "Send deliveries by POST", { headers: { allow: "POST" } });
  }
  if (headers.get("webhook-request-origin") === null) {
    return { status: 204, headers: { allow: "POST, OPTIONS" } };
  }
  throw new RequestError(403, "This origin is not among the allowed origins");
}
