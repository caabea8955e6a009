import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { RequestError } from "#server/errors.ts";
import { countHeld, type HeldLimits, usualHeld } from "#server/http/held-bytes.ts";
import { readBody, type BodyLimits } from "#server/http/web-request.ts";
import { startTurns } from "#server/connectors/kit/turns.ts";

const unzip = promisify(gunzip);

/** How much of a delivery is read, and how long. */
export interface Limits {
  sent: BodyLimits;
  inflatedBytes: number;
  /** Of all bodies together that are being read or wait for gzip to be undone. */
  held: HeldLimits;
}

export const usualLimits: Limits = {
  sent: { bytes: 1024 * 1024, ms: 15_000 },
  inflatedBytes: 10 * 1024 * 1024,
  held: usualHeld,
};

/** Nobody has proved who sends it when gzip is undone, so only so many are undone at a time. */
const inflatedAtOnce = 2;

/** Whether the sender says that the body is compressed: reading it costs more than it cost to send. */
export function isCompressed({ headers }: IncomingMessage): boolean {
  const encoding = headers["content-encoding"];
  return encoding !== undefined && encoding !== "identity";
}

/**
 * Gives what reads a delivery's body with gzip undone, since senders sign what they compressed. It
 * throws 400, 408, 413, 415, and 503 when as much is being read as may be.
 */
export function createDeliveryReader(
  limits: Limits,
  networkOf: (incoming: IncomingMessage) => string,
) {
  const inflating = startTurns({ atOnce: inflatedAtOnce, perSecond: Number.POSITIVE_INFINITY });
  const hold = countHeld(limits.held);

  return async (incoming: IncomingMessage): Promise<Buffer> => {
    const encoding = incoming.headers["content-encoding"] ?? "identity";
    if (isCompressed(incoming) && !/^(x-)?gzip$/i.test(encoding)) throw unknownEncoding();
    const held = hold(() => networkOf(incoming));
    try {
      const sent = await readBody(incoming, limits.sent, held);
      if (!isCompressed(incoming)) return sent;
      return await inflating.take(() => inflate(sent, limits.inflatedBytes));
    } finally {
      held.release();
    }
  };
}

function unknownEncoding(): RequestError {
  return new RequestError(415, "Send the body plain or as gzip", {
    headers: { "accept-encoding": "gzip" },
  });
}

/** Stops inflating at the limit, so that a small bomb stays small. */
async function inflate(sent: Buffer, inflatedBytes: number): Promise<Buffer> {
  try {
    return await unzip(sent, { maxOutputLength: inflatedBytes });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      const words = `The body may have at most ${inflatedBytes} bytes after gzip is undone`;
      throw new RequestError(413, words, { cause });
    }
    throw new RequestError(400, "The body is not gzip, though it says so", { cause });
  }
}
