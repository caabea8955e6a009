import { readFile } from "node:fs/promises";
import { z } from "zod";

const Reference = z.object({ $ref: z.string() });
const Parameter = z.object({ name: z.string(), in: z.string() });
const Parameters = z.array(z.union([Parameter, Reference]));
const Operation = z.looseObject({ parameters: Parameters.optional() });
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ parameters: z.record(z.string(), Parameter).optional() }).optional(),
});

/**
 * Reads an OpenAPI document for what Prism lets pass: gives a function that names the query parameters
 * of a call which the description has not. Vendors ignore such ones, so a filter would not filter.
 */
export async function readDescription(file: string) {
  const { paths, components } = Document.parse(JSON.parse(await readFile(file, "utf8")));
  const shared = new Map(Object.entries(components?.parameters ?? {}));
  const routes = Object.entries(paths).map(([path, item]) => ({
    matches: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`),
    item,
  }));

  function namesOf(given: unknown): string[] {
    return Parameters.parse(given ?? []).flatMap((each) => {
      const parameter = "$ref" in each ? shared.get(each.$ref.split("/").at(-1) ?? "") : each;
      return parameter?.in === "query" ? [parameter.name] : [];
    });
  }

  return (method: string, { pathname, searchParams }: URL): string[] => {
    const item = routes.find(({ matches }) => matches.test(pathname))?.item;
    const operation = Operation.safeParse(item?.[method.toLowerCase()]);
    if (!item || !operation.success) return []; // Prism says that there is no such route
    const known = new Set([...namesOf(item.parameters), ...namesOf(operation.data.parameters)]);
    const asked = new Set([...searchParams.keys()].map((name) => name.replace(/\[.*$/, "")));
    return [...asked].filter((name) => !known.has(name) && !known.has(`${name}[]`));
  };
}
