import type { z } from "zod";
import { RequestError } from "#server/errors.ts";
import { refusalOf } from "./problem.ts";

/** No operation knows half as many. */
const mostParameters = 50;
/** Characters of a JSON body. The longest that an operation takes is a dispute with lines and a message. */
const longestBody = 256 * 1024;

/** The query of the address by a schema. Throws 400 with each message under its parameter. */
export function queryOf<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> {
  const { searchParams } = new URL(request.url);
  const names = new Set<string>();
  for (const name of searchParams.keys()) {
    if (names.size === names.add(name).size) {
      const message = "may stand here once";
      throw new RequestError(400, `${name}: ${message}`, { fields: { [name]: message } });
    }
    if (names.size > mostParameters)
      throw new RequestError(400, "This query has too many parameters");
  }
  const read = schema.safeParse(Object.fromEntries(searchParams));
  if (!read.success) throw refusalOf(read.error, 400);
  return read.data;
}

/** The JSON body by a schema. Throws 415, 413, 400 or 422. */
export async function bodyOf<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\b/i.test(type)) {
    throw new RequestError(415, "Send application/json", {
      headers: { accept: "application/json" },
    });
  }
  const read = schema.safeParse(await jsonOf(request));
  if (!read.success) throw refusalOf(read.error, 422);
  return read.data;
}

/** One header by a schema; undefined when it is not there. Throws 400. */
export function headerOf<Schema extends z.ZodType>(
  request: Request,
  name: string,
  schema: Schema,
): z.output<Schema> | undefined {
  const value = request.headers.get(name);
  if (value === null) return undefined;
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const message = read.error.issues[0]?.message ?? "is wrong";
  throw new RequestError(400, `${name}: ${message}`, { fields: { [name]: message } });
}

async function jsonOf(request: Request): Promise<unknown> {
  const body = await request.text();
  if (body.length > longestBody) {
    throw new RequestError(413, `The body may have at most ${longestBody} characters`);
  }
  try {
    return JSON.parse(body, (_name, value: unknown) => {
      if (typeof value !== "string" || (value.isWellFormed() && !value.includes("\0")))
        return value;
      throw new RequestError(
        400,
        "The body holds what is no text: half a character, or a zero byte",
      );
    });
  } catch (cause) {
    // The reviver calls itself for each level, so deep nesting ends the stack.
    if (cause instanceof RangeError) {
      throw new RequestError(400, "The body is nested too deeply", { cause });
    }
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new RequestError(400, "The body is not JSON", { cause });
  }
}
