import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  type ZlibOptions,
} from "node:zlib";
import type { Transform } from "node:stream";

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

export type Encoding = "br" | "gzip";

/** Shorter ones fit into one packet either way. */
const leastBytes = 1_024;
/** Half the time of gzip's usual level for a page, and smaller. */
const brotliQuality = 4;
const gzipOptions: ZlibOptions = { level: 6 };

const compressible =
  /^(text\/|application\/(json|javascript|manifest|problem\+json|x-ndjson|xml)|image\/svg)/i;

/** Whether answers of this type get smaller at all; these vary by Accept-Encoding. */
export function isCompressible(contentType: string | null): boolean {
  return contentType !== null && compressible.test(contentType);
}

/**
 * What to compress an answer with; null to leave it as it is. A page that another site asked for with
 * words of its choice in the address is not compressed: the length of a compressed page tells whether
 * those words are in the rest of it (BREACH). Browsers say who asks by Sec-Fetch-Site.
 */
export function encodingFor(incoming: IncomingMessage): Encoding | null {
  const site = incoming.headers["sec-fetch-site"];
  const isForeign = site === "cross-site" || site === "same-site";
  if (isForeign && incoming.url?.includes("?")) return null;
  const accepted = incoming.headers["accept-encoding"];
  const text = Array.isArray(accepted) ? accepted.join(",") : (accepted ?? "");
  const weights = new Map(text.toLowerCase().split(",").map(weightOf));
  const takes = (name: string) => (weights.get(name) ?? weights.get("*") ?? 0) > 0;
  if (takes("br")) return "br";
  return takes("gzip") ? "gzip" : null;
}

function weightOf(part: string): [string, number] {
  const [name = "", ...parameters] = part.split(";").map((each) => each.trim());
  const weight = parameters.find((each) => each.startsWith("q="));
  return [name, weight === undefined ? 1 : Number(weight.slice(2)) || 0];
}

/** The body compressed; null where it is too short to gain. */
export async function compressed(body: Buffer, encoding: Encoding): Promise<Buffer | null> {
  if (body.length < leastBytes) return null;
  if (encoding === "gzip") return compressGzip(body, gzipOptions);
  return compressBrotli(body, { params: brotliParameters(body.length) });
}

/** Compresses what comes in parts. */
export function compressor(encoding: Encoding): Transform {
  return encoding === "gzip"
    ? createGzip(gzipOptions)
    : createBrotliCompress({ params: brotliParameters(0) });
}

function brotliParameters(size: number): Record<number, number> {
  return {
    [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  };
}
