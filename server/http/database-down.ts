import { isDatabaseFault } from "#db/fault.ts";
import { RequestError } from "#server/errors.ts";

/** What callers are told while the database is away or full: come back soon. Undefined for any other error. */
export function databaseDown(error: unknown): RequestError | undefined {
  if (!isDatabaseFault(error)) return undefined;
  const words = "The portal cannot reach its database now; try again in a moment";
  return new RequestError(503, words, { headers: { "retry-after": "5" }, cause: error });
}
