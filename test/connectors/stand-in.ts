import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { openOutbound } from "#server/connectors/kit/http.ts";
import { startTurns } from "#server/connectors/kit/turns.ts";

export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Another company's system: answers by `reply`, keeps what it was asked; undefined cuts the connection. */
export async function startStandIn(
  reply: (asked: Asked) => Reply | undefined | Promise<Reply | undefined>,
) {
  const asked: Asked[] = [];
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url = "", headers } = incoming;
    const call = { method, path: url, headers, body: Buffer.concat(chunks) };
    asked.push(call);
    const said = await reply(call);
    if (!said) return void incoming.socket.destroy();
    const { body = "" } = said;
    const isText = typeof body === "string";
    const type = isText ? {} : { "content-type": "application/json" };
    outgoing.writeHead(said.status, { ...type, ...said.headers });
    outgoing.end(isText ? body : JSON.stringify(body));
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => outgoing.destroy(toError(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It listens nowhere");
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The one HTTP client with a clock of the test's, allowed to call this machine. */
export function testHttp({
  now = new Date("2026-11-20T10:00:00.000Z"),
  allow = ["127.0.0.0/8"],
  timeoutMs = 5_000,
} = {}) {
  const outbound = openOutbound({ allow, clock: () => now, timeoutMs });
  const http = outbound.bind("Acme", startTurns({ atOnce: 8, perSecond: 10_000 }));
  return Object.assign(http, { [Symbol.asyncDispose]: () => outbound.close() });
}
