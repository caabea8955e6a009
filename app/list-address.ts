/** What the address of the invoice list may say; everything else in it is dropped. */
const kept = ["view", "q", "status", "disputed", "late", "currency", "from", "to", "sort"] as const;
type Name = (typeof kept)[number];

/**
 * The address of the list with some parameters changed, "" takes one out. A page within the list is
 * left by it, because it belongs to the old order.
 */
export function listAddress(
  search: URLSearchParams,
  changes: Partial<Record<Name | "after" | "before", string>>,
): string {
  const query = new URLSearchParams();
  for (const name of kept) {
    const value = changes[name] ?? search.get(name) ?? "";
    if (value !== "") query.set(name, value);
  }
  for (const name of ["after", "before"] as const) {
    if (changes[name]) query.set(name, changes[name]);
  }
  const text = query.toString();
  return text === "" ? "/invoices" : `/invoices?${text}`;
}
