import {
  createRequestHandler,
  type RequestHandler,
  type ServerBuild,
} from "@remix-run/server-runtime";

/**
 * Answers by the routes whose addresses begin like the one that is asked for. The router looks at every
 * route it knows, several times a page, so that knowing few makes pages faster; the answer is the same.
 */
export function handleByAddress(build: ServerBuild): RequestHandler {
  const everything = createRequestHandler(build, "production");
  const handlers = new Map<string, RequestHandler>();
  for (const start of new Set(Object.keys(build.routes).map((id) => startOf(build, id)))) {
    if (isFixed(start)) handlers.set(start, createRequestHandler(only(build, start), "production"));
  }
  return (request, context) => {
    const handler = handlers.get(startAsked(request.url)) ?? everything;
    return handler(request, context);
  };
}

/** The first part of a route's address, such as `invoices` or `:id`; "" for the home page and for layouts. */
function startOf(build: ServerBuild, id: string): string {
  const { parentId, path = "" } = build.routes[id] ?? {};
  const above = parentId === undefined ? "" : startOf(build, parentId);
  return above || path.replace(/\/.*/, "").toLowerCase();
}

function isFixed(start: string): boolean {
  return start !== "" && !/[:*?]/.test(start);
}

/** The same build with the routes that such an address may be for, and those around them. */
function only(build: ServerBuild, start: string): ServerBuild {
  const mayAnswer = ([id]: [string, unknown]) => {
    const own = startOf(build, id);
    return own === start || !isFixed(own);
  };
  const keep = <Route>(routes: Record<string, Route>): Record<string, Route> =>
    Object.fromEntries(Object.entries(routes).filter(mayAnswer));
  const assets = { ...build.assets, routes: keep(build.assets.routes) };
  return { ...build, routes: keep(build.routes), assets };
}

/** As the router reads it: decoded, in any case; a loader's own address ends in `.data`. */
function startAsked(url: string): string {
  const [, start = ""] = new URL(url).pathname.split("/", 2);
  try {
    return decodeURIComponent(start)
      .toLowerCase()
      .replace(/\.data$/, "");
  } catch {
    return ""; // Not an address that a route has: the whole router says so.
  }
}
