import type { LoaderFunction, SerializeFrom } from "@remix-run/node";
import type { MetaFunction } from "@remix-run/react";
import { answerTo } from "#app/ui/failure.tsx";

/**
 * The title of a console page: what it shows, then whose console it is. `name` may ask the page's data
 * for a thing's own name.
 */
export function consoleTitle<Loader extends LoaderFunction>(
  name: string | ((data: SerializeFrom<Loader>) => string),
): MetaFunction<Loader> {
  return ({ data, error, matches }) => {
    // Behind an error page Remix tells null, and no data, for a page that has come.
    const isFailed = (error !== undefined && error !== null) || (!data && typeof name !== "string");
    if (isFailed) return [{ title: answerTo(error).title }];
    const frame = matches.find(({ id }) => id === "routes/finance")?.data;
    const page = typeof name === "string" ? name : name(data as SerializeFrom<Loader>);
    return [{ title: `${page}, ${supplierOf(frame)} finance` }];
  };
}

function supplierOf(frame: unknown): string {
  const data = frame as { supplier?: { name?: string } } | undefined;
  return data?.supplier?.name ?? "Portal";
}
