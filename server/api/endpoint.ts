import type { AppLoadContext } from "@remix-run/node";
import { createHash } from "node:crypto";
import type { z } from "zod";
import { databaseDown } from "#server/http/database-down.ts";
import { RequestError } from "#server/errors.ts";
import { requireKey, requireRight, type Caller } from "./key-check.ts";
import { countCall } from "./key-limit.ts";
import type { Operation } from "./operation.ts";
import { problem } from "./problem.ts";
import { queryOf } from "./read-request.ts";

interface Asked {
  request: Request;
  params: Record<string, string | undefined>;
  context: AppLoadContext;
}

interface Call<Query extends z.ZodType> extends Asked {
  caller: Caller;
  query: z.output<Query>;
}

/** What goes out; it must fit the operation's schema: nothing leaves that is not described. */
interface Answered {
  body: unknown;
  location?: string;
}

interface Handler {
  operation: Operation;
  answer(asked: Asked & { caller: Caller }): Promise<Answered>;
}

/** An operation with what does it. The right and the query are checked before. */
export function on<Query extends z.ZodType>(
  operation: Operation<Query>,
  handler: (call: Call<Query>) => Promise<Answered>,
): Handler {
  return {
    operation,
    async answer(asked) {
      if (operation.right !== null) requireRight(asked.caller, operation.right);
      return handler({ ...asked, query: queryOf(asked.request, operation.query) });
    },
  };
}

/**
 * Answers every method of one address of the API: the key is checked and counted, what the handler
 * gives fits its schema, and every refusal is told as application/problem+json (RFC 9457). Our own
 * faults are logged and told as 500 without details. Without handlers the address is not there.
 */
export function address(...handlers: Handler[]): (asked: Asked) => Promise<Response> {
  return async (asked) => {
    let counted: Record<string, string> = {};
    try {
      const caller = await requireKey(asked.request, asked.context);
      counted = await countCall(asked.context, caller.id);
      const response = await answerOf(handlers, { ...asked, caller });
      for (const [name, value] of Object.entries(counted)) response.headers.set(name, value);
      return response;
    } catch (error) {
      return problem(refusalTold(error, asked), counted);
    }
  };
}

async function answerOf(handlers: Handler[], asked: Asked & { caller: Caller }): Promise<Response> {
  const { method } = asked.request;
  if (handlers.length === 0) throw new RequestError(404, "There is nothing at this address");
  const allow = allowedOf(handlers);
  if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  const asMethod = method === "HEAD" ? "GET" : method;
  const handler = handlers.find(({ operation }) => operation.method === asMethod);
  if (!handler) {
    throw new RequestError(405, `This address answers ${allow}`, { headers: { allow } });
  }
  const { body, location } = await handler.answer(asked);
  const { schema, status } = handler.operation.answer;
  const response = jsonResponse(asked.request, { body: schema.parse(body), status });
  if (location !== undefined) response.headers.set("location", location);
  return response;
}

function allowedOf(handlers: Handler[]): string {
  const methods = handlers.map(({ operation }) => operation.method);
  const reads = methods.includes("GET") ? ["GET", "HEAD"] : [];
  return [...reads, ...methods.filter((method) => method !== "GET"), "OPTIONS"].join(", ");
}

/** What an error is told as. Ours is logged: nobody outside learns more than that it was. */
function refusalTold(error: unknown, { request, context }: Asked): RequestError {
  if (error instanceof RequestError) return error;
  const { method, url } = request;
  context.log.error({ err: error, method, path: new URL(url).pathname }, "the API failed");
  const words = "Something went wrong on our side; it was written down";
  return databaseDown(error) ?? new RequestError(500, words);
}

/**
 * JSON with a tag of its content, so that whoever asks again with `If-None-Match` gets 304 when it is
 * the same (RFC 9110, 13.1.2).
 */
export function jsonResponse(
  request: Request,
  { body, status }: { body: unknown; status: number },
): Response {
  const text = Buffer.from(JSON.stringify(body));
  const etag = `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
  const headers = new Headers({
    "cache-control": "private, no-cache",
    etag,
    vary: "authorization",
  });
  if (status === 200 && namesTag(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("content-type", "application/json");
  headers.set("content-length", String(text.length));
  return new Response(text, { status, headers });
}

/** Weak comparison: what stands in quotes is compared. */
function namesTag(given: string | null, etag: string): boolean {
  if (given === null) return false;
  const tags = given.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag.slice(2));
}
