import { useParams } from "@remix-run/react";
import { useCallback } from "react";
import { customerPath } from "#domain/customer-path.ts";

/** What the address of the invoice list may say; everything else in it is dropped. */
export const listParameters = [
  "view",
  "q",
  "status",
  "disputed",
  "late",
  "currency",
  "from",
  "to",
  "dueFrom",
  "dueTo",
  "sort",
] as const;
export type ListParameter = (typeof listParameters)[number];

/** The orders of the list, by what the address says; the first where it says nothing. */
export const sortWords = {
  "": "Most urgent first",
  due: "Due date, earliest first",
  "-due": "Due date, latest first",
  "-issued": "Issued, newest first",
  issued: "Issued, oldest first",
  "-amount": "Amount, largest first",
  amount: "Amount, smallest first",
  number: "Number",
  "-number": "Number, last first",
};

type Changes = Partial<Record<ListParameter | "after" | "before", string>>;

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
  for (const name of listParameters) {
    const value = changes[name] ?? search.get(name) ?? "";
    if (value !== "") query.set(name, value);
  }
  for (const name of ["after", "before"] as const) {
    if (changes[name]) query.set(name, changes[name]);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** What the address says, without parameters that say nothing; its page is kept. */
export function cleanQuery(search: URLSearchParams): string {
  const at = (name: "after" | "before") => search.get(name) ?? "";
  return queryOf(search, { after: at("after"), before: at("before") });
}

/** Whether a view says itself which statuses are in it, so that no filter may say otherwise. */
export function decidesStatus(view: string | null): boolean {
  return view === "overdue" || view === "week";
}
