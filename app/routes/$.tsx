import { found } from "#app/http/http.server.ts";

/** Every address that no other route knows; the root shows its 404 in the portal's look. */
export function loader() {
  return found(null);
}

export default function Unknown() {
  return null;
}
