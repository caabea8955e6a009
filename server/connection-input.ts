import { z } from "zod";
import { RequestError } from "./errors.ts";
import type { Listed } from "./webhooks/connectors/bind.ts";
import { connectors } from "./webhooks/connectors/index.ts";

/** How a connection is described, in the file, in the console and by the command. */
export const ConnectionInput = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,49}$/, "needs lower-case letters, digits and hyphens, at most 50"),
  system: z.string(),
  name: z.string().trim().min(1).max(100).optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
  secrets: z.record(z.string(), z.unknown()).default({}),
  receivesDisputes: z.boolean().default(false),
});
export type ConnectionInput = z.infer<typeof ConnectionInput>;

/** Every fault of a description's system, settings and secrets, by the name of the field. */
export function faultsOf({ system, settings, secrets }: ConnectionInput): [string, string][] {
  const listed = connectors.get(system);
  if (!listed) {
    return [["system", `"${system}" is none of ${[...connectors.keys()].join(", ")}`]];
  }
  return [
    ...issuesOf("settings", listed.settings, settings),
    ...issuesOf("secrets", listed.secrets, secrets),
  ];
}

/** The description as it is used. Throws RequestError 422 naming every fault by its field. */
export function readConnectionInput(given: z.input<typeof ConnectionInput>): ConnectionInput {
  const read = ConnectionInput.safeParse(given);
  const faults = read.success
    ? faultsOf(read.data)
    : read.error.issues.map((issue): [string, string] => [issue.path.join("."), issue.message]);
  if (read.success && faults.length === 0) return read.data;
  throw new RequestError(422, faults.map((fault) => fault.join(": ")).join("; "), {
    fields: Object.fromEntries(faults),
  });
}

/** The system's connector. Throws RequestError 422 for a slug that is none. */
export function requireSystem(system: string): Listed {
  const listed = connectors.get(system);
  if (!listed) throw new RequestError(422, `system: "${system}" is not a system we know`);
  return listed;
}

function issuesOf(at: string, schema: z.ZodType, value: unknown): [string, string][] {
  const read = schema.safeParse(value);
  if (read.success) return [];
  return read.error.issues.map((issue) => [[at, ...issue.path].join("."), issue.message]);
}
