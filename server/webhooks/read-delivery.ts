import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { RequestError } from "#server/errors.ts";
import { readBody, type BodyLimits } from "#server/http.ts";

const unzip = promisify(gunzip);

/** How much of a delivery is read, and how long. */
export interface Limits {
  sent: BodyLimits;
  inflatedBytes: number;
}

export const usualLimits: Limits = {
  sent: { bytes: 1024 * 1024, ms: 15_000 },
  inflatedBytes: 10 * 1024 * 1024,
};

/** The body with gzip undone, since senders sign what they compressed. Throws 400, 408, 413, 415. */
export function readDelivery(incoming: IncomingMessage, limits: Limits): Promise<Buffer> {
  const encoding = incoming.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return readBody(incoming, limits.sent);
  return readInflated(incoming, encoding, limits);
}

async function readInflated(
  incoming: IncomingMessage,
  encoding: string,
  limits: Limits,
): Promise<Buffer> {
  if (!/^(x-)?gzip$/i.test(encoding)) {
    throw new RequestError(415, "Send the body plain or as gzip", {
      headers: { "accept-encoding": "gzip" },
    });
  }
  return inflate(await readBody(incoming, limits.sent), limits.inflatedBytes);
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
