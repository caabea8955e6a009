import { leadToSettings } from "#app/access/without-customer.server.ts";

export const loader = leadToSettings;

/** Shown never: the root shows what the loader throws. */
export default function SettingsWithoutCustomer() {
  return null;
}
