import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { RequestError } from "#server/errors.ts";
import { readBody } from "#server/http.ts";

const unzip = promisify(gunzip);

/** How much of a delivery is read, and how long. */
export interface Limits {
  sentBytes: number;
  inflatedBytes: number;
  bodyMs: number;
}

export const usualLimits: Limits = {
  sentBytes: 1024 * 1024,
  inflatedBytes: 10 * 1024 * 1024,
  bodyMs: 15_000,
};

/** The body with gzip undone, since senders sign what they compressed. Throws 400, 408, 413, 415. */
export async function readDelivery(incoming: IncomingMessage, limits: Limits): Promise<Buffer> {
  const encoding = incoming.headers["content-encoding"];
  const sent = await readInTime(incoming, limits);
  if (encoding === undefined || encoding === "identity") return sent;
  if (!/^(x-)?gzip$/i.test(encoding)) {
    throw new RequestError(415, "Send the body plain or as gzip", {
      headers: { "accept-encoding": "gzip" },
    });
  }
  return inflate(sent, limits.inflatedBytes);
}

async function readInTime(incoming: IncomingMessage, limits: Limits): Promise<Buffer> {
  let tooSlow: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    tooSlow = setTimeout(() => {
      const headers = { connection: "close" };
      reject(new RequestError(408, "The body took too long", { headers }));
    }, limits.bodyMs);
  });
  try {
    return await Promise.race([readBody(incoming, limits.sentBytes), timeout]);
  } finally {
    clearTimeout(tooSlow);
  }
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
