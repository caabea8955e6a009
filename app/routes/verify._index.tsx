import { leadToVerify } from "#app/without-customer.server.ts";

export const loader = leadToVerify;

/** Shown never: the root shows what the loader throws. */
export default function VerifyWithoutCustomer() {
  return null;
}
