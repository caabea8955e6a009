import type { AppLoadContext, EntryContext, HandleErrorFunction } from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { randomBytes } from "node:crypto";
import { renderToString } from "react-dom/server";
import { NonceContext } from "./frame/nonce.ts";
import { ReferenceContext } from "./http/reference.ts";
import { databaseDown } from "#server/http/database-down.ts";

/**
 * Renders the whole page at once, more than twice as fast as streaming it. Remix hands the loaders'
 * data to the browser through a stream that only the streaming renderer can write, so it is read here.
 */
export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  { serverHandoffStream, ...page }: EntryContext,
  context: AppLoadContext,
) {
  const { nonce, reference } = context;
  const html = renderToString(
    <NonceContext.Provider value={nonce}>
      <ReferenceContext.Provider value={reference}>
        <RemixServer context={page} url={request.url} nonce={nonce} />
      </ReferenceContext.Provider>
    </NonceContext.Provider>,
  );
  const data = await textOf(serverHandoffStream);
  const body = withData(html, data, nonce);
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("content-length", String(body.length));
  const isDown = withoutDatabase.has(context);
  if (isDown) headers.set("retry-after", "5");
  const response = new Response(null, { status: isDown ? 503 : status, headers });
  context.rendered = { response, body };
  return response;
}

async function textOf(stream: ReadableStream<Uint8Array> | undefined): Promise<string> {
  const parts: Uint8Array[] = [];
  const reader = stream?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    parts.push(part.value);
  }
  return Buffer.concat(parts).toString();
}

/** Requests that failed because the database is away. */
const withoutDatabase = new WeakSet<AppLoadContext>();

/** Our faults go to the log with their stack; who asked for what is not there is no fault of ours. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  if (request.signal.aborted || (isRouteErrorResponse(error) && error.status < 500)) return;
  if (databaseDown(error)) withoutDatabase.add(context);
  const { pathname: path } = new URL(request.url);
  // Whoever sees the failure can quote it, and the operator finds it.
  context.reference ??= newReference();
  context.log.error({ err: error, path, reference: context.reference }, "a page failed");
};

/** Short enough to be read out. */
function newReference(): string {
  return randomBytes(5).toString("hex").toUpperCase();
}

const encoder = new TextEncoder();
const pageBegin = encoder.encode("<!doctype html>");
const pageEnd = "</body></html>";

/** The page in bytes, put together as such: a string of this length is slow to join and to measure. */
function withData(html: string, data: string, nonce: string): Buffer {
  if (!html.endsWith(pageEnd)) throw new Error(`A page ends with ${html.slice(-40)}`);
  const text = JSON.stringify(data).replaceAll("<", "\\u003c");
  const stream = "window.__remixContext.streamController";
  const script = `<script nonce="${nonce}">${stream}.enqueue(${text});${stream}.close();</script>`;
  const page = encoder.encode(html);
  const body = page.subarray(0, page.length - pageEnd.length);
  return Buffer.concat([pageBegin, body, encoder.encode(script + pageEnd)]);
}
