import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { hasInvisible } from "#domain/text.ts";
import { RequestError } from "#server/errors.ts";
import { withoutExponent } from "./decimal.ts";

/** A JSON number that a JavaScript number cannot hold exactly, as it was written. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An amount in major units: a decimal in text or a JSON number; gives the digits as written. */
export const DecimalText = z.union([
  z.string().trim().min(1).max(40).transform(withoutExponent),
  z.int().transform(String),
  z.instanceof(ExactNumber).transform(({ text }) => text),
]);

/** An identifier: text of one line, or a JSON number of any length; gives text. */
export const IdText = z.union([
  z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((text) => !hasInvisible(text), "has a line break or an invisible character"),
  z.int().transform(String),
  z.instanceof(ExactNumber).transform(({ text }) => text),
]);

/**
 * Reads a JSON body by its schema; fractions and long numbers come as ExactNumber.
 * Throws RequestError 400 when it is no JSON, 422 naming the fields that are not as they must be.
 */
export function readJson<T>(schema: z.ZodType<T>, body: Buffer): T {
  return readValue(schema, parseJson(body));
}

/** Faults that are named; a body may hold a hundred thousand of a kind. */
const mostIssues = 20;

/** As `readJson` for what is parsed already; `at` goes before the names of the fields. */
export function readValue<T>(schema: z.ZodType<T>, value: unknown, at = ""): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const fields: Record<string, string> = {};
  for (const issue of read.error.issues.slice(0, mostIssues)) {
    const name = [at, ...issue.path].filter((part) => part !== "").join(".") || "body";
    fields[name] ??= isMissing(value, issue.path) ? "is missing" : issue.message;
  }
  const words = Object.entries(fields).map(([name, message]) => `${name}: ${message}`);
  throw new RequestError(422, words.slice(0, 5).join("; "), { fields });
}

/** The body that was parsed last: verifying, telling apart and reading ask for the same one in turn. */
let last: { body: Buffer; value: unknown } | undefined;

/**
 * The value of a JSON body with its numbers exact. Throws RequestError 400 when it is no UTF-8 JSON,
 * or escapes what no text can hold: half a character, or U+0000.
 */
export function parseJson(body: Buffer): unknown {
  if (last?.body === body) return last.value;
  try {
    if (!isUtf8(body)) throw new Error("not UTF-8");
    const value = parseExact(body.toString("utf8", hasMark(body) ? byteOrderMark.length : 0));
    last = { body, value };
    return value;
  } catch (cause) {
    throw new RequestError(400, "The body is not JSON in UTF-8", { cause });
  }
}

/** Windows writes it before UTF-8; RFC 8259 lets readers ignore it. */
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function hasMark(body: Buffer): boolean {
  return body.subarray(0, byteOrderMark.length).equals(byteOrderMark);
}

function parseExact(text: string): unknown {
  // First as it is: what is no JSON ends here, so that `token` runs over whole strings only and its
  // time stays proportional to the length of the text.
  const value: unknown = mayBeNoText.test(text) ? JSON.parse(text, requireText) : JSON.parse(text);
  if (!mayBeInexact.test(text)) return value;
  return JSON.parse(text.replace(token, markInexact), restoreExact);
}

// RFC 8259 lets senders escape them; UTF-8 and databases have no place for them.
const mayBeNoText = /\\u(?:0000|[dD][89a-fA-F])/;

function requireText(key: string, value: unknown): unknown {
  for (const text of [key, value]) {
    if (typeof text !== "string") continue;
    if (!text.isWellFormed() || text.includes("\u0000")) throw new Error("no text");
  }
  return value;
}

function isMissing(value: unknown, path: PropertyKey[]): boolean {
  let found = value;
  for (const part of path) {
    if (typeof found !== "object" || found === null) return false;
    found = Object.getOwnPropertyDescriptor(found, part)?.value;
  }
  return found === undefined;
}

// A fraction, exponent or long number where a value stands; text that looks like it only costs time.
const mayBeInexact = /(?:"\s*:|[[,])\s*-?\d+(?:[.eE]|\d{15})/;
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
// Begins with a control character, which no identifier, amount or name begins with.
const mark = "\u0000exact:";

function markInexact(text: string): string {
  if (text.startsWith('"')) return text;
  const plain = withoutExponent(text);
  const integer = /^-?\d+(?:\.0+)?$/.test(plain) && Number.isSafeInteger(Number(plain));
  return integer ? plain : JSON.stringify(mark + plain);
}

function restoreExact(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(mark)) return value;
  return new ExactNumber(value.slice(mark.length));
}
