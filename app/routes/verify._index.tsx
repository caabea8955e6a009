import { leadToVerify } from "#app/access/without-customer.server.ts";

export const loader = leadToVerify;

/** Shown never: the root shows what the loader throws. */
export default function VerifyWithoutCustomer() {
  return null;
}
