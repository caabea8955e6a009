/** What canonical JSON may hold here: integers only, so that no float has to be printed. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/**
 * JSON by RFC 8785: keys sorted by UTF-16 code units, no white space, absent for `undefined`.
 * Throws on numbers that are not safe integers and on lone surrogates, which have no one form.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Error(`${value} is not a safe integer`);
    return String(value === 0 ? 0 : value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new Error("text with a lone surrogate has no canonical form");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  let text = "{";
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item === undefined) continue;
    text += `${text.length > 1 ? "," : ""}${JSON.stringify(key)}:${canonicalJson(item)}`;
  }
  return `${text}}`;
}
