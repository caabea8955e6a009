import type { IncomingMessage, ServerResponse } from "node:http";
import { problem } from "#server/api/problem.ts";
import { databaseDown } from "./database-down.ts";
import { RequestError } from "#server/errors.ts";
import { countHeld, usualHeld } from "./held-bytes.ts";
import { answerHealth, answerReady } from "./health.ts";
import { answer, sendResponse, toRequest } from "./web-request.ts";
import type { Metrics } from "./metrics.ts";
import type { Pages } from "./pages.ts";
import { type Peer, networkOf, peerReader } from "./peer.ts";
import { loadContextOf, type Portal } from "#server/portal-context.ts";
import { loggedPath, logSecurity } from "#server/access/security-log.ts";
import { protector, requireOwnHost, requireOwnOrigin } from "./security.ts";
import { createProxyWatch } from "./untrusted-proxy.ts";

interface Parts {
  portal: Portal;
  pages: Pages;
  metrics: Metrics;
  /** Takes what is sent to `/webhooks/…`. */
  webhook(incoming: IncomingMessage, outgoing: ServerResponse): void;
}

/** Gives the one request listener: webhooks first and untouched, then probes, files, pages. */
export function requestListener(parts: Parts) {
  const pageListener = listenerOfPages(parts);
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const url = incoming.url ?? "/";
    if (url.startsWith("/webhooks/")) return parts.webhook(incoming, outgoing);
    const query = url.indexOf("?");
    answerPage(query < 0 ? url : url.slice(0, query), incoming, outgoing).catch((error: unknown) =>
      answerError(parts.portal, error, outgoing),
    );
  };

  async function answerPage(path: string, incoming: IncomingMessage, outgoing: ServerResponse) {
    if (path === "/healthz") return answerHealth(outgoing);
    if (path === "/readyz") return answerReady(parts.portal, outgoing);
    if (path === "/metrics") return parts.metrics.answer(incoming, outgoing);
    // Remix would let anyone read its routes here and block the event loop with one request.
    if (path.startsWith("/__manifest")) throw new RequestError(404, "There is nothing here");
    await pageListener(incoming, outgoing);
  }
}

function listenerOfPages({ portal, pages }: Parts) {
  const peerOf = peerReader(portal.config);
  const watchProxy = createProxyWatch(portal);
  const protect = protector(portal.config);
  const publicOrigin = new URL(portal.config.publicUrl).origin;
  const hold = countHeld(usualHeld);
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const nonce = protect(incoming, outgoing);
    const peer = peerOf(incoming);
    watchProxy(peer);
    logRefusal(portal, peer, outgoing);
    const { origin, remoteAddress } = peer;
    requireOwnHost(incoming, portal.config);
    requireOwnOrigin(incoming, [publicOrigin, origin]);
    // Remix's earlier way to ask for data: our pages do not use it, and each use is logged as an error.
    if (asksTheOldWay(incoming.url ?? "")) throw new RequestError(404, "There is nothing here");
    if (await answeredWithFile(pages, incoming, outgoing)) return;
    // Neither a browser nor a proxy keeps what one person may see; an answer may say otherwise.
    outgoing.setHeader("cache-control", "no-store");
    const held = hold(() => networkOf(remoteAddress));
    try {
      const request = await toRequest(incoming, outgoing, { origin, held });
      const { headers, method } = request;
      const readsOnly = method === "GET" || method === "HEAD";
      const context = loadContextOf(portal, { nonce, remoteAddress, headers, readsOnly });
      const response = await pages.handle(request, context);
      const { rendered, reference } = context;
      if (reference !== undefined) outgoing.setHeader("x-reference", reference);
      const body = rendered?.response === response ? rendered.body : null;
      await sendResponse(response, outgoing, body);
    } finally {
      held.release();
    }
  };
}

/** However it is written: `?%5fdata=` means the same. */
function asksTheOldWay(url: string): boolean {
  const query = url.indexOf("?");
  return query >= 0 && new URLSearchParams(url.slice(query)).has("_data");
}

const refusals = new Set([401, 403, 429]);

/** Writes to the security log what was refused: a foreign origin, a bad key, a missing right, too many tries. */
function logRefusal(
  { log }: Portal,
  { remoteAddress: peer }: Peer,
  outgoing: ServerResponse,
): void {
  outgoing.once("finish", () => {
    const { statusCode: status, req } = outgoing;
    if (!refusals.has(status)) return;
    const { method = "GET", url = "/" } = req;
    logSecurity(log, "request_refused", { peer, status, method, path: loggedPath(url) });
  });
}

/** False when there is no such file; true once it was sent. */
async function answeredWithFile(pages: Pages, incoming: IncomingMessage, outgoing: ServerResponse) {
  if (incoming.method !== "GET" && incoming.method !== "HEAD") return false;
  return new Promise<boolean>((resolve) => {
    outgoing.once("close", () => resolve(true));
    pages.files(incoming, outgoing, () => resolve(false));
  });
}

function answerError({ log }: Portal, error: unknown, outgoing: ServerResponse): void {
  const refused = error instanceof RequestError;
  if (!refused)
    log.error({ err: error, path: loggedPath(outgoing.req.url ?? "/") }, "a request failed");
  if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
  // What goes wrong in front of the API is told in the API's way.
  if (refused && outgoing.req.url?.startsWith("/api/v1/")) {
    void sendResponse(problem(error), outgoing);
    return;
  }
  const told = refused ? error : databaseDown(error);
  if (told) answer(outgoing, told.status, told.message, told.headers);
  else answer(outgoing, 500, "Something went wrong on our side; it was written down");
}
