import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { compressed, compressor, type Encoding, encodingFor, isCompressible } from "./compress.ts";
import { RequestError } from "#server/errors.ts";
import type { HeldBody } from "./held-bytes.ts";

const formLimits: BodyLimits = { bytes: 1024 * 1024, ms: 30_000 };

/**
 * A node request as a web Request at our own origin; it is aborted when the caller hangs up. Host and Origin
 * say that origin, too: Remix compares the two, and a proxy may have put its own name there. The caller has
 * checked where the request comes from (`requireOwnOrigin`). Throws RequestError as `readBody`, 400 when the address cannot be read, 501 for a method that no page has.
 */
export async function toRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { origin, held }: { origin: string; held: HeldBody },
): Promise<Request> {
  const url = addressOf(incoming, origin);
  const controller = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  const method = incoming.method ?? "GET";
  if (!methods.has(method)) throw new RequestError(501, "No address here knows this method");
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method,
    headers: headersAt(url, incoming),
    signal: controller.signal,
    ...(hasBody && { body: await readBody(incoming, formLimits, held) }),
  });
}

const methods = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);

function addressOf(incoming: IncomingMessage, origin: string): URL {
  const path = incoming.url ?? "/";
  if (!path.startsWith("/") || !URL.canParse(origin + path)) {
    throw new RequestError(400, "This address cannot be read");
  }
  const url = new URL(origin + path);
  // Remix would write to the console what it cannot decode.
  if (!isDecodable(url.pathname)) throw new RequestError(404, "There is nothing at this address");
  return url;
}

function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== "";
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

function headersAt({ host, origin }: URL, incoming: IncomingMessage): Headers {
  const headers = toHeaders(incoming);
  headers.delete("x-forwarded-host");
  headers.set("host", host);
  if (headers.has("origin")) headers.set("origin", origin);
  return headers;
}

/** Header names in lower case, repeated ones kept. */
export function toHeaders(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  const raw = incoming.rawHeaders;
  for (let index = 0; index < raw.length; index += 2) {
    headers.append(raw[index] ?? "", raw[index + 1] ?? "");
  }
  return headers;
}

/** How much is read, and for how long. */
export interface BodyLimits {
  bytes: number;
  ms: number;
}

/**
 * The whole body. Throws RequestError: 413 above the limit, 408 too slow, 400 when it broke off, and what
 * `held` throws.
 */
export function readBody(
  incoming: IncomingMessage,
  { bytes, ms }: BodyLimits,
  held: HeldBody,
): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer<ArrayBuffer>[] = [];
    let size = 0;
    let timer: NodeJS.Timeout | undefined;
    const giveUp = (reason: unknown) => {
      clearTimeout(timer);
      chunks.length = 0;
      // What still comes is thrown away, and the connection ends with the answer.
      incoming.removeAllListeners("data");
      incoming.resume();
      reject(reason);
    };
    // Most bodies come together with their headers; a timer for each would cost more than the body.
    process.nextTick(() => {
      if (incoming.complete) return;
      timer = setTimeout(() => giveUp(refusal(408, "The body took too long")), ms);
    });
    incoming.on("data", (chunk: Buffer<ArrayBuffer>) => {
      size += chunk.length;
      if (size > bytes) return giveUp(refusal(413, `The body may have at most ${bytes} bytes`));
      try {
        held.add(Math.max(chunk.length, leastOfChunk));
        chunks.push(chunk);
      } catch (error) {
        giveUp(error);
      }
    });
    incoming.on("end", () => {
      clearTimeout(timer);
      const [only] = chunks;
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    incoming.on("error", (cause) => {
      clearTimeout(timer);
      reject(new RequestError(400, "The body broke off", { cause }));
    });
  });
}

/** What a chunk costs in memory, however short it is. */
const leastOfChunk = 256;

function refusal(status: number, words: string): RequestError {
  return new RequestError(status, words, { headers: { connection: "close" } });
}

/**
 * Writes a web Response to a node one; a caller who hangs up meanwhile is no error. `body` is what it says
 * where that is at hand.
 */
export async function sendResponse(
  response: Response,
  outgoing: ServerResponse,
  body: Buffer | null = null,
): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  const encoding = chooseEncoding(response, outgoing);
  if (outgoing.req.method === "HEAD") return void outgoing.end();
  if (body) return sendWhole(body, encoding, outgoing);
  if (!response.body) return void outgoing.end();
  // Of a known length is what is there as a whole: a stream would only slow it down.
  if (response.headers.has("content-length")) {
    return sendWhole(Buffer.from(await response.arrayBuffer()), encoding, outgoing);
  }
  if (encoding) outgoing.setHeader("content-encoding", encoding);
  try {
    const chunks = chunksOf(response.body);
    await (encoding
      ? pipeline(chunks, compressor(encoding), outgoing)
      : pipeline(chunks, outgoing));
  } catch (error) {
    if (!outgoing.destroyed) throw error;
  }
}

/** Says to caches that answers of this type differ by what a browser takes. */
function chooseEncoding(response: Response, outgoing: ServerResponse): Encoding | null {
  const { headers } = response;
  if (headers.has("content-encoding") || !isCompressible(headers.get("content-type"))) return null;
  const vary = headers.get("vary");
  outgoing.setHeader("vary", vary === null ? "Accept-Encoding" : `${vary}, Accept-Encoding`);
  return encodingFor(outgoing.req);
}

async function sendWhole(
  body: Buffer,
  encoding: Encoding | null,
  outgoing: ServerResponse,
): Promise<void> {
  const short = encoding && (await compressed(body, encoding));
  if (encoding && short) {
    outgoing.setHeader("content-encoding", encoding);
    outgoing.setHeader("content-length", short.length);
  }
  outgoing.end(short ?? body);
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel();
  }
}

/** A short plain answer. */
export function answer(
  outgoing: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
  outgoing.end(text && `${text}\n`);
}
