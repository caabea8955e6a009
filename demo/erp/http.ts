import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";
import type { Html } from "./html.ts";
import { Refusal } from "./refusal.ts";

const maxBytes = 1024 * 1024;

/** A request with its body as it came. */
export type Asked = { method: string; url: URL; headers: IncomingHttpHeaders; body: Buffer };
/** What is answered; "hang-up" closes the connection instead. */
export type Answer = { status: number; body: string; headers?: Record<string, string> } | "hang-up";

/** An answer in JSON. */
export function json(status: number, value: unknown): Answer {
  return { status, body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}

/** A page for people: nothing from elsewhere runs, loads or frames it. */
export function page(status: number, { markup }: Html): Answer {
  const policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; " +
    "frame-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'";
  const type = "text/html; charset=utf-8";
  return {
    status,
    body: markup,
    headers: { "content-type": type, "content-security-policy": policy },
  };
}

/** One segment of a path as text; throws a Refusal (400) for broken percent signs. */
export function segment(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new Refusal(400, `This is no address: ${String(cause)}`);
  }
}

/** Sends the browser on after a form, to a path of this site. */
export function seeOther(path: string): Answer {
  return { status: 303, body: "", headers: { location: path } };
}

/** A server that answers with `route`; a Refusal becomes its status and message, a bug 500 and its stack on stderr. */
export function serve(route: (asked: Asked) => Promise<Answer>): Server {
  return createServer((request, response) => {
    void answer(request, route).then(
      (given) => send(response, given),
      (error: unknown) => {
        console.error(error);
        send(response, json(500, { detail: "The ERP has a bug; see its log" }));
      },
    );
  });
}

async function answer(request: IncomingMessage, route: (asked: Asked) => Promise<Answer>) {
  try {
    return await route(await toAsked(request));
  } catch (error) {
    if (error instanceof Refusal) return json(error.status, { detail: error.message });
    throw error;
  }
}

async function toAsked(request: IncomingMessage): Promise<Asked> {
  const { method = "GET", headers } = request;
  const path = request.url ?? "/";
  if (!URL.canParse(path, "http://erp.invalid")) throw new Refusal(400, "This is no address");
  const url = new URL(path, "http://erp.invalid");
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw new Refusal(413, "Too large");
  const body = await buffer(request).catch((cause: unknown) => {
    throw new Refusal(400, `The request broke off: ${String(cause)}`);
  });
  if (body.length > maxBytes) throw new Refusal(413, "Too large");
  return { method, url, headers, body };
}

function send(response: ServerResponse, given: Answer): void {
  if (given === "hang-up") {
    response.destroy();
    return;
  }
  response.writeHead(given.status, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    ...given.headers,
  });
  response.end(given.body);
}
