import { useParams } from "@remix-run/react";
import { useCallback } from "react";
import { customerPath } from "#domain/customer-path.ts";

/** Gives the address of a page of the company that this page shows, e.g. of "/invoices". */
export function useCustomerPath(): (path: string) => string {
  const { customer = "" } = useParams();
  return useCallback((path) => customerPath(customer, path), [customer]);
}
