import type { z } from "zod";
import { RequestError } from "#server/errors.ts";
import { refusalOf } from "./problem.ts";

/** The query of the address by a schema. Throws 400 with each message under its parameter. */
export function queryOf<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> {
  const { searchParams } = new URL(request.url);
  for (const name of new Set(searchParams.keys())) {
    if (searchParams.getAll(name).length === 1) continue;
    const message = "may stand here once";
    throw new RequestError(400, `${name}: ${message}`, { fields: { [name]: message } });
  }
  const read = schema.safeParse(Object.fromEntries(searchParams));
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
  try {
    return JSON.parse(await request.text(), (_name, value: unknown) => {
      if (typeof value !== "string" || (value.isWellFormed() && !value.includes("\0")))
        return value;
      throw new RequestError(
        400,
        "The body holds what is no text: half a character, or a zero byte",
      );
    });
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new RequestError(400, "The body is not JSON", { cause });
  }
}
