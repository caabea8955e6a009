import type { z } from "zod";
import { RequestError } from "#server/errors.ts";

/**
 * Options read by the schema of the form that asks for the same; `option` names a single one.
 * Throws 422 naming every fault.
 */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  option?: string,
): z.output<Schema> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const fields: Record<string, string> = {};
  for (const { path, message } of read.error.issues) {
    fields[option ?? path.join(".")] ??= message;
  }
  const faults = Object.entries(fields).map(([name, message]) => `--${name}: ${message}`);
  throw new RequestError(422, faults.join("\n"), { fields });
}

/** A positive whole number of an option. Throws 422 for anything else. */
export function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new RequestError(422, `"${text}" is not a positive whole number`);
}
