/** A customer's id in its system, as people know it there; a record found by name alone has none. */
export function idThere(externalKey: string): string {
  if (externalKey.startsWith("name:")) return "";
  return externalKey.replace(/^id:/, "");
}
