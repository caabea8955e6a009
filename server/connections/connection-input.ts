import { z } from "zod";
import { RequestError } from "#server/errors.ts";
import type { Listed } from "#server/connectors/bind.ts";
import { connectors } from "#server/connectors/index.ts";
import { nameOf } from "#domain/name.ts";

/** How a connection is described, in the file, in the console and by the command. */
export const ConnectionInput = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,49}$/, "needs lower-case letters, digits and hyphens, at most 50"),
  system: z.string(),
  name: nameOf({ missing: "needs a name", longest: 100 }).optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
  secrets: z.record(z.string(), z.unknown()).default({}),
  receivesDisputes: z.boolean().default(false),
  /** Of an organisation: the id of the connection that is its vendor's app, and the vendor's id of it. */
  app: z.string().optional(),
  account: z.string().trim().min(1).max(200).optional(),
});
export type ConnectionInput = z.infer<typeof ConnectionInput>;

/** Every fault of a description's system, settings and secrets, by the name of the field. */
export function faultsOf(input: ConnectionInput): [string, string][] {
  const { system, settings, secrets, app, account } = input;
  const listed = connectors.get(system);
  if (!listed) {
    return [["system", `"${system}" is none of ${[...connectors.keys()].join(", ")}`]];
  }
  if (app !== undefined && !listed.app) return [["app", `${listed.name} has no apps`]];
  if ((app === undefined) !== (account === undefined)) {
    return [["account", "app and account are given together, by an organisation"]];
  }
  const part = partOf(listed, input);
  const faults = [
    ...issuesOf("settings", part.settings, settings),
    ...issuesOf("secrets", part.secrets, secrets),
  ];
  return faults.length > 0 ? faults : part.faults(settings, secrets);
}

/** Where a system has an app, a connection is the app itself unless it names one. */
export function isApp(listed: Listed, { app }: { app?: string | null | undefined }): boolean {
  return listed.app !== undefined && (app ?? null) === null;
}

/** What a connection is described by: the system's app, or the system (one organisation of it). */
export function partOf(
  listed: Listed,
  of: { app?: string | null | undefined },
): Pick<Listed, "settings" | "secrets" | "setUp" | "faults"> {
  return isApp(listed, of) && listed.app ? listed.app : listed;
}

interface Placed {
  id: string;
  system: string;
  app?: string | null | undefined;
  account?: string | null | undefined;
}

/** An organisation's app is there and of its system, and no other connection is the same organisation. */
export function appFaults(inputs: readonly ConnectionInput[], known: readonly Placed[]): string[] {
  const all = new Map<string, Placed>([...known, ...inputs].map((one) => [one.id, one]));
  return inputs.flatMap(({ id, system, app, account }) => {
    if (app === undefined || account === undefined) return [];
    const found = all.get(app);
    if (found?.system !== system || (found.app ?? null) !== null) {
      return [`${id}: app: there is no ${system} app connection "${app}"`];
    }
    const isTaken = [...all.values()].some(
      (other) => other.id !== id && other.app === app && other.account === account,
    );
    return isTaken ? [`${id}: account: another connection is ${account} already`] : [];
  });
}

/** The description as it is used. Throws RequestError 422 naming every fault by its field. */
export function readConnectionInput(given: z.input<typeof ConnectionInput>): ConnectionInput {
  const read = ConnectionInput.safeParse(given);
  const { settings = {}, secrets = {}, receivesDisputes = false } = given;
  const faults = read.success
    ? faultsOf(read.data)
    : [
        ...read.error.issues.map((issue): [string, string] => [
          issue.path.join("."),
          issue.message,
        ]),
        ...faultsOf({ ...given, settings, secrets, receivesDisputes }),
      ];
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

/** What the schema refuses, and every key that it does not know: a slip of the pen sets nothing. */
function issuesOf(
  at: string,
  schema: z.ZodType,
  value: Record<string, unknown>,
): [string, string][] {
  const read = schema.safeParse(value);
  const issues = read.success ? [] : read.error.issues;
  return [
    ...issues.map(({ path, message }): [string, string] => [[at, ...path].join("."), message]),
    ...unknownKeys(schema, value).map(([key, message]): [string, string] => [
      `${at}.${key}`,
      message,
    ]),
  ];
}

function unknownKeys(schema: z.ZodType, value: Record<string, unknown>): [string, string][] {
  if (!(schema instanceof z.ZodObject)) return [];
  const known = Object.keys(schema.shape);
  const names = known.length === 0 ? "there is none" : `there are ${known.join(", ")}`;
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => [key, `is not known: ${names}`]);
}
