import { hasInvisible, oneLine, paragraphs } from "#domain/text.ts";
import type { Parsed } from "./contract.ts";

/** What people write in several lines; everything else is one line. */
const severalLines = new Set(["description", "message", "text"]);

/**
 * What a system says without control characters, line breaks in names and numbers, and characters that
 * turn the text around them: in place, since a connector has just built it. Where nothing is left of
 * an optional text, it was not told.
 */
export function withCleanTexts<T extends Parsed>(parsed: T): T {
  for (const change of parsed.changes) clean(change);
  // A page of which nothing was rejected says so by leaving it out.
  if (parsed.rejected?.length === 0) delete parsed.rejected;
  return parsed;
}

function clean(holder: object): void {
  for (const key in holder) {
    const value: unknown = Reflect.get(holder, key);
    if (typeof value === "object" && value !== null) clean(value);
    if (typeof value !== "string" || !hasInvisible(value)) continue;
    const text = severalLines.has(key) ? paragraphs(value) : oneLine(value);
    if (text === "" && !severalLines.has(key)) Reflect.deleteProperty(holder, key);
    else Reflect.set(holder, key, text);
  }
}
