import type { AppLoadContext } from "@remix-run/node";
import { z } from "zod";
import { RequestError } from "#server/errors.ts";
import { requireKey, type Caller } from "./key-check.ts";
import { problem, refusalOf } from "./problem.ts";

interface Asked {
  request: Request;
  params: Record<string, string | undefined>;
  context: AppLoadContext;
}

export interface Call extends Asked {
  caller: Caller;
}

/** What goes out and the schema that it must fit: nothing leaves that is not described. */
export interface Answered {
  schema: z.ZodType;
  body: unknown;
  status?: number;
  location?: string;
}

/**
 * One call of the API: the key is checked, what the handler gives fits its schema, and every refusal
 * is told as application/problem+json. Our own faults are logged and told as 500 without details.
 */
export async function endpoint(
  asked: Asked,
  handler: (call: Call) => Promise<Answered>,
): Promise<Response> {
  try {
    const caller = await requireKey(asked.request, asked.context);
    const { schema, body, status = 200, location } = await handler({ ...asked, caller });
    const headers = new Headers({
      "content-type": "application/json",
      "cache-control": "no-store",
    });
    if (location !== undefined) headers.set("location", location);
    return new Response(JSON.stringify(schema.parse(body)), { status, headers });
  } catch (error) {
    if (error instanceof RequestError) return problem(error);
    const { method, url } = asked.request;
    asked.context.log.error({ err: error, method, path: new URL(url).pathname }, "the API failed");
    return problem(new RequestError(500, "Something went wrong on our side; it was written down"));
  }
}

/** Refuses a method that an address does not have. */
export function notAllowed(allowed: string): (asked: Asked) => Promise<Response> {
  return (asked) =>
    endpoint(asked, () => {
      throw new RequestError(405, `This address answers ${allowed}`, {
        headers: { allow: allowed },
      });
    });
}

/** The query of the address by a schema. Throws 400 with each message under its parameter. */
export function queryOf<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> {
  const read = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!read.success) throw refusalOf(read.error, 400);
  return read.data;
}

/** The JSON body by a schema. Throws 415, 400 or 422. */
export async function bodyOf<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\b/i.test(type)) {
    throw new RequestError(415, "Send application/json");
  }
  const read = schema.safeParse(await jsonOf(request));
  if (!read.success) throw refusalOf(read.error, 422);
  return read.data;
}

async function jsonOf(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new RequestError(400, "The body is not JSON", { cause });
  }
}

/** How a list is paged: `after` is the `next` of the page before. */
export const Paging = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A cursor that is a sequence or an id; 0 before the first page. Throws 400 for anything else. */
export function afterNumber(after: string | undefined): number {
  if (after === undefined) return 0;
  if (!/^\d{1,15}$/.test(after)) throw badCursor();
  return Number(after);
}

/** A cursor of a sequence and an id, for rows that share a last event. Throws 400 for anything else. */
export function afterEvent(after: string | undefined) {
  if (after === undefined) return { sequence: 0, id: "" };
  const [, sequence, id] = /^(\d{1,15})~(\w+)$/.exec(after) ?? [];
  if (sequence === undefined || id === undefined) throw badCursor();
  return { sequence: Number(sequence), id };
}

/** A cursor of an instant and an id; undefined before the first page. Throws 400 for anything else. */
export function afterCreated(after: string | undefined) {
  if (after === undefined) return undefined;
  const [, createdAt, id] = /^([\dTZ:.-]{24})~(\w+)$/.exec(after) ?? [];
  if (createdAt === undefined || id === undefined) throw badCursor();
  return { createdAt, id };
}

function badCursor(): RequestError {
  const message = "is the `next` of a page, unchanged";
  return new RequestError(400, `after ${message}`, { fields: { after: message } });
}

/**
 * A page and the cursor of the one behind it. Ask for one row more than `limit`: whether it came says
 * whether there is more.
 */
export function pageOf<Row, Item>(
  rows: Row[],
  {
    limit,
    item,
    cursor,
  }: { limit: number; item: (row: Row) => Item; cursor: (row: Row) => string },
): { data: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(item),
    next: rows.length > limit && last !== undefined ? cursor(last) : null,
  };
}
