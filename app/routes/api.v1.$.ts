import { address } from "#server/api/endpoint.ts";

/** Every other address of the API, for every method. */
export const loader = address();
export const action = loader;
