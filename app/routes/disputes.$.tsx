import { leadToDispute } from "#app/access/without-customer.server.ts";

export const loader = leadToDispute;

/** Shown never: the root shows what the loader throws. */
export default function DisputeWithoutCustomer() {
  return null;
}
