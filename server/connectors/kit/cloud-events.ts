import { z } from "zod";
import { RequestError } from "#server/errors.ts";
import type { Delivery } from "#server/connectors/contract.ts";
import { parseJson, readValue } from "./json.ts";

/** One event by CloudEvents 1.0; `data` is a parsed JSON value, `time` as it was given. */
export interface CloudEvent {
  id: string;
  source: string;
  type: string;
  time: string | undefined;
  data: unknown;
}

export type CloudEventsMode = "plain" | "structured" | "batch" | "binary";

/** How the request carries events, by its content type and headers (HTTP binding, section 3). */
export function cloudEventsMode({ headers }: Pick<Delivery, "headers">): CloudEventsMode {
  const type = mediaType(headers.get("content-type"));
  if (type.startsWith("application/cloudevents-batch")) return "batch";
  if (type.startsWith("application/cloudevents")) return "structured";
  return headers.get("ce-specversion") !== null ? "binary" : "plain";
}

/**
 * The event of a request in structured or binary mode.
 * Throws RequestError: 400 and 422 for what is malformed, 415 for formats other than JSON.
 */
export function readCloudEvent(delivery: Delivery): CloudEvent {
  if (cloudEventsMode(delivery) === "binary") return readBinary(delivery);
  return readEvent(readJsonBody(delivery), "");
}

/** The elements of a batch, each for `readEvent`. Throws RequestError 415 or 422 when it is no list in JSON. */
export function elementsOf(delivery: Delivery): unknown[] {
  return readValue(z.array(z.unknown()), readJsonBody(delivery));
}

function readJsonBody({ headers, body }: Delivery): unknown {
  const type = mediaType(headers.get("content-type"));
  if (type.endsWith("+json")) return parseJson(body);
  throw new RequestError(415, `CloudEvents as ${type} are not read here`);
}

/** What is unique per event: source and id together. */
export function cloudEventKey({ source, id }: Pick<CloudEvent, "source" | "id">): string {
  return JSON.stringify([source, id]);
}

const SpecVersion = z.literal("1.0", { error: "is not 1.0" });

const Structured = z.object({
  specversion: SpecVersion,
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  time: z.string().optional(),
  datacontenttype: z.string().optional(),
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
});

/** The HTTP binding answers a malformed event with 400, whatever is wrong with its attributes. */
function readAttributes<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  try {
    return readValue(schema, value, at);
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    throw new RequestError(400, cause.message, { cause });
  }
}

/** An event in structured mode; `at` is its place in the body. Throws RequestError 400, 415 or 422. */
export function readEvent(value: unknown, at: string): CloudEvent {
  const event = readAttributes(Structured, value, at);
  const { id, source, type, time } = event;
  requireJson(event.datacontenttype ?? "application/json");
  if (event.data_base64 === undefined) return { id, source, type, time, data: event.data };
  if (event.data !== undefined) throw new RequestError(400, "Both data and data_base64 are given");
  return { id, source, type, time, data: parseJson(Buffer.from(event.data_base64, "base64")) };
}

const Binary = Structured.pick({
  specversion: true,
  id: true,
  source: true,
  type: true,
  time: true,
});

function readBinary({ headers, body }: Delivery): CloudEvent {
  requireJson(headers.get("content-type") ?? "application/json");
  const attributes: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith("ce-")) attributes[name.slice("ce-".length)] = decodeHeader(name, value);
  }
  const { id, source, type, time } = readAttributes(Binary, attributes, "ce");
  return { id, source, type, time, data: parseJson(body) };
}

/** Percent-decodes once, as UTF-8. Throws 400 on a sequence that is none. */
function decodeHeader(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new RequestError(400, `The header ${name} is not percent-encoded UTF-8`, { cause });
  }
}

function requireJson(contentType: string): void {
  const type = mediaType(contentType);
  if (type === "application/json" || type === "text/json" || type.endsWith("+json")) return;
  throw new RequestError(415, `Data as ${type} is not read here, only JSON`);
}

function mediaType(contentType: string | null): string {
  const [type = ""] = (contentType ?? "").split(";");
  return type.trim().toLowerCase();
}
