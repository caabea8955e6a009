import { leadToInvoice } from "#app/access/without-customer.server.ts";

export const loader = leadToInvoice;

/** Shown never: the root shows what the loader throws. */
export default function InvoiceWithoutCustomer() {
  return null;
}
