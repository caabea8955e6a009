import type { IncomingMessage, ServerResponse } from "node:http";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Connection } from "#server/connections/connections.ts";
import { RequestError } from "#server/errors.ts";
import { answer } from "#server/http/web-request.ts";
import type { Metrics } from "#server/http/metrics.ts";
import { networkOf, peerReader } from "#server/http/peer.ts";
import type { Portal } from "#server/portal-context.ts";
import { NotAuthentic } from "./authentic.ts";
import { sampleOf } from "./sample.ts";
import type { Tally } from "./tally.ts";

export interface Refused {
  connection: Connection | undefined;
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  body: Buffer;
}

const fault = {
  status: 500,
  message: "Something went wrong on our side",
  headers: { "retry-after": "60" },
};

/**
 * `refuse` answers a delivery that was not kept: counted, sampled for finance, limited by peer.
 * `limitOf` gives the refusal of a peer that was refused too often, before its request is worked on.
 */
export function createRefuse(
  portal: Portal,
  { metrics, tally }: { metrics: Metrics; tally: Tally },
) {
  const strangers = strangerLimit(portal);

  const refuse = async (thrown: unknown, request: Refused): Promise<void> => {
    const { connection, incoming, outgoing, body } = request;
    let error = thrown instanceof RequestError ? thrown : undefined;
    if (!error) portal.log.error({ err: thrown, connection: connection?.id }, "a delivery failed");
    metrics.received.inc({ result: error && error.status < 500 ? "refused" : "failed" });
    if (error && error.status < 500) {
      const tooMany = await strangers.count(incoming);
      if (connection && !tooMany)
        tally.refused(sampleOf(portal, connection, incoming, body, error));
      error = tooMany ?? error;
    }
    if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
    const { status, message, headers } = error ?? fault;
    // Words would tell which connections there are, and of which system.
    const isSilent = error instanceof NotAuthentic || status === 429;
    if (isSilent || connection?.connector.refusesSilently) {
      outgoing.writeHead(status, { ...headers, "content-length": "0" }).end();
    } else answer(outgoing, status, message, headers);
  };
  return { refuse, limitOf: strangers.limitOf };
}

/** Limits what is refused, by peer: who is authentic is never slowed by a neighbour who is not. */
function strangerLimit(portal: Portal) {
  const limiter = new RateLimiterMemory({ points, duration: 60 });
  const peerOf = peerReader(portal.config);
  const keyOf = (incoming: IncomingMessage) => networkOf(peerOf(incoming).remoteAddress);
  return {
    async count(incoming: IncomingMessage): Promise<RequestError | undefined> {
      try {
        await limiter.consume(keyOf(incoming));
        return undefined;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return tooMany(refusal);
        throw refusal;
      }
    },
    async limitOf(incoming: IncomingMessage): Promise<RequestError | undefined> {
      const counted = await limiter.get(keyOf(incoming));
      return counted !== null && counted.consumedPoints > points ? tooMany(counted) : undefined;
    },
  };
}

const points = 120;

function tooMany({ msBeforeNext }: RateLimiterRes): RequestError {
  const seconds = String(Math.ceil(msBeforeNext / 1000));
  return new RequestError(429, "Too many refused requests", {
    headers: { "retry-after": seconds },
  });
}
