import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Command } from "commander";
import { z } from "zod";
import { Instant } from "#domain/time.ts";
import { readConnectionInput, requireSystem } from "#server/connections/connection-input.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { ConnectorHttp, Delivery } from "#server/connectors/contract.ts";
import { ParsedHeaders } from "#server/connectors/kit/request-headers.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { usualLimits } from "#server/webhooks/read-delivery.ts";
import { queryOf } from "#server/webhooks/receive.ts";
import { type Tried, tryRequest } from "#server/webhooks/try-request.ts";
import { readInput } from "./input.ts";
import type { Run } from "./open.ts";
import type { Said } from "./say.ts";

interface TryOptions {
  connection?: string;
  settings?: string;
  secrets?: string;
  method: string;
  url?: string;
  headers?: string;
  body?: string;
  at?: string;
}

/** `connector try <system>`: what the portal would make of a request that a system sent, or will send. */
export function addTryCommand(
  connector: Command,
  { run, print }: { run: Run; print: (said: Said) => void },
): void {
  connector
    .command("try <system>")
    .description("what the portal would make of one request; nothing is stored, nobody is asked")
    .option("--connection <id>", "with the settings and secrets of a connection that there is")
    .option("--settings <json>", "or with these settings")
    .option("--secrets <json>", "and these secrets")
    .option("--method <method>", "of the request", "POST")
    .option("--url <url>", "the address that it was sent to, with what follows the ?")
    .option("--headers <file>", 'JSON, or a line each: "Name: value"; - is standard input')
    .option("--body <file>", "the bytes as they came; - is standard input")
    .option("--at <instant>", "when it came, where the signature holds a time")
    .action(async (system: string, options: TryOptions) => {
      const delivery = readDelivery(options);
      const { connection } = options;
      if (connection === undefined) return print(said(bind(system, options), delivery));
      await run(async (portal) => said(connectorOf(portal, { system, connection }), delivery), {
        opensSecrets: true,
      });
    });
}

function said(connector: BoundConnector, delivery: Delivery): Said {
  const data = tryRequest(connector, delivery);
  return { data, text: wordsFor(data), ok: data.reason === null };
}

/** The connector with what was typed. Throws RequestError 422 naming every fault. */
function bind(system: string, { settings, secrets }: TryOptions): BoundConnector {
  const listed = requireSystem(system);
  const input = readConnectionInput({
    ...{ id: "try", system },
    settings: objectIn("settings", settings),
    secrets: objectIn("secrets", secrets),
  });
  // An app receives for all of its organisations.
  const receiving = listed.app ?? listed;
  return receiving.bind(input.settings, input.secrets, asksNobody(listed.name));
}

function objectIn(option: string, text = "{}"): Record<string, unknown> {
  return readInput(z.record(z.string(), z.unknown()), jsonIn(option, text), option);
}

function jsonIn(option: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RequestError(422, `--${option}: needs a JSON object`, { cause });
  }
}

/** Handshake, verification and parsing ask nobody; a connector that did would find this. */
function asksNobody(name: string): ConnectorHttp {
  return {
    name,
    now: () => new Date(),
    request: async () => {
      throw new UpstreamError("Trying a request asks nobody", { outcome: "not_sent" });
    },
  };
}

function connectorOf({ connections }: Portal, asked: { system: string; connection: string }) {
  const found = connections.get(asked.connection);
  if (found?.system === asked.system) return found.connector;
  throw new RequestError(
    404,
    `There is no ${asked.system} ${asked.connection}: see \`connection list\``,
  );
}

function readDelivery({ method, url, headers, body, at }: TryOptions): Delivery {
  if (headers === "-" && body === "-") {
    throw new RequestError(422, "Only one of --headers and --body can be standard input");
  }
  const names = headers === undefined ? {} : headersIn(bytesOf("headers", headers).toString());
  return {
    method: method.toUpperCase(),
    query: queryOf(url ?? ""),
    headers: new ParsedHeaders(names),
    body: inflated(body === undefined ? Buffer.alloc(0) : bytesOf("body", body), names),
    receivedAt: at === undefined ? new Date() : new Date(readInput(Instant, at, "at")),
  };
}

function bytesOf(option: string, file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (cause) {
    throw new RequestError(404, `--${option}: ${file} cannot be read`, { cause });
  }
}

/** Names in lower case; one that stands twice has both values, as node joins them. */
function headersIn(text: string): Record<string, string> {
  const lines = text.trimStart().startsWith("{")
    ? Object.entries(
        readInput(z.record(z.string(), z.string()), jsonIn("headers", text), "headers"),
      )
    : text.split(/\r?\n/).flatMap(partsOf);
  const headers: Record<string, string> = {};
  for (const [written, value] of lines) {
    const name = written.toLowerCase();
    const known = headers[name];
    headers[name] = known === undefined ? value : `${known}, ${value}`;
  }
  return headers;
}

function partsOf(line: string): [string, string][] {
  const at = line.indexOf(":");
  // What has no name is the request's first line, or an empty one.
  return at <= 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
}

/** Systems sign what they compressed. */
function inflated(body: Buffer, headers: Record<string, string>): Buffer {
  const isGzip = /^(x-)?gzip$/i.test(headers["content-encoding"] ?? "") && body[0] === 0x1f;
  return isGzip ? gunzipSync(body, { maxOutputLength: usualLimits.inflatedBytes }) : body;
}

function wordsFor(tried: Tried): string {
  const { status, handshake, verified, reason, changes, rejected, fetches } = tried;
  const lines = [
    `The portal would answer ${status}${reason === null ? "" : `: ${reason}`}`,
    handshake && "It asks whether the portal is there, or is a test: nothing is stored of it",
    verified !== null && (verified ? "Its sender is authentic" : "Its sender is not authentic"),
    ...changes.map((change) => `change    ${JSON.stringify(change)}`),
    ...rejected.map(({ at, reason: why }) => `rejected  ${at}: ${why}`),
    ...fetches.map((ref) => `fetch     ${JSON.stringify(ref)}`),
  ];
  return lines.filter((line) => line !== false).join("\n");
}
