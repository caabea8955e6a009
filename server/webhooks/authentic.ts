import { createHmac, randomBytes } from "node:crypto";
import { RequestError } from "#server/errors.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { Delivery } from "#server/connectors/contract.ts";

/**
 * The sender did not prove who it is. Every such request gets one answer, whatever the connection and
 * whether there is one, so that nobody can try out which connections exist; the message says why, for
 * finance alone.
 */
export class NotAuthentic extends RequestError {
  constructor(reason: string, cause?: unknown) {
    super(401, reason, { cause });
  }
}

/** Throws NotAuthentic, with the connector's own reason, unless the request is authentic. */
export function requireAuthentic(
  connector: Pick<BoundConnector, "verify">,
  delivery: Delivery,
): void {
  try {
    connector.verify(delivery);
  } catch (error) {
    if (error instanceof RequestError) throw new NotAuthentic(error.message, error);
    throw error;
  }
}

const nobodysKey = randomBytes(32);

/** Throws NotAuthentic after as much work as a signature costs, so that the time tells nothing either. */
export function refuseStranger(body: Buffer): never {
  createHmac("sha256", nobodysKey).update(body).digest();
  throw new NotAuthentic("There is no such connection");
}
