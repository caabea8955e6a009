import type { LoaderFunctionArgs } from "@remix-run/node";
import { endpoint } from "#server/api/endpoint.ts";
import { RequestError } from "#server/errors.ts";

/** Every other address of the API, for every method. */
export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, () => {
    throw new RequestError(404, "There is nothing at this address");
  });
}

export const action = loader;
