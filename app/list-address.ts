import { useParams } from "@remix-run/react";
import { useCallback } from "react";
import { customerPath } from "#server/domain/customer-path.ts";

/** What the address of the invoice list may say; everything else in it is dropped. */
const kept = ["view", "q", "status", "disputed", "late", "currency", "from", "to", "sort"] as const;
type Name = (typeof kept)[number];

type Changes = Partial<Record<Name | "after" | "before", string>>;

/**
 * Gives the address of the shown company's list with some parameters changed, "" takes one out. A page
 * within the list is left by it, because it belongs to the old order.
 */
export function useListAddress(): (search: URLSearchParams, changes: Changes) => string {
  const { customer = "" } = useParams();
  return useCallback(
    (search, changes) => customerPath(customer, `/invoices${queryOf(search, changes)}`),
    [customer],
  );
}

function queryOf(search: URLSearchParams, changes: Changes): string {
  const query = new URLSearchParams();
  for (const name of kept) {
    const value = changes[name] ?? search.get(name) ?? "";
    if (value !== "") query.set(name, value);
  }
  for (const name of ["after", "before"] as const) {
    if (changes[name]) query.set(name, changes[name]);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
