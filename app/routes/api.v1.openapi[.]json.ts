import type { LoaderFunctionArgs } from "@remix-run/node";
import { jsonResponse } from "#server/api/endpoint.ts";
import { onceFor } from "#server/api/once-for.ts";
import { openApiDocument } from "#server/api/openapi.ts";
import { problem } from "#server/api/problem.ts";
import { RequestError } from "#server/errors.ts";

/** The one address that needs no key: it tells how to get and use one. */
export function loader({ request, context }: LoaderFunctionArgs) {
  const allow = "GET, HEAD, OPTIONS";
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  return jsonResponse(request, { body: documentOf(context.config.publicUrl), status: 200 });
}

const documentOf = onceFor(openApiDocument);

export function action() {
  const headers = { allow: "GET, HEAD, OPTIONS" };
  return problem(new RequestError(405, `This address answers ${headers.allow}`, { headers }));
}
