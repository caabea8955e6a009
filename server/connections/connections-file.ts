import { z } from "zod";
import { ConnectionInput } from "./connection-input.ts";

/** Gives the value of an environment variable, undefined when it is not set. */
export type LookUp = (name: string) => string | undefined;

/**
 * Reads CONNECTIONS_FILE: a JSON array in which `env:NAME` stands for a variable's value. `check`
 * gives the faults of one entry beyond its shape. Throws one error that names every fault at once.
 */
export function readConnectionsFile(
  text: string,
  lookUp: LookUp,
  check: (input: ConnectionInput) => string[],
): ConnectionInput[] {
  const faults: string[] = [];
  const ids = new Set<string>();
  const inputs = entriesOf(text).flatMap((entry, at) => {
    const missing: string[] = [];
    const read = ConnectionInput.safeParse(resolved(entry, lookUp, missing));
    const name = read.success ? read.data.id : `entry ${at + 1}`;
    faults.push(...missing.map((variable) => `${name}: env:${variable} is not set`));
    if (!read.success) {
      faults.push(
        ...read.error.issues.map((issue) => `${name}: ${issue.path.join(".")}: ${issue.message}`),
      );
      return [];
    }
    if (ids.has(name)) faults.push(`${name}: the id comes twice`);
    ids.add(name);
    if (missing.length === 0) faults.push(...check(read.data).map((fault) => `${name}: ${fault}`));
    return [read.data];
  });
  if (faults.length > 0) {
    throw new Error(`The connections file has faults:\n  ${faults.join("\n  ")}`);
  }
  return inputs;
}

function entriesOf(text: string): unknown[] {
  try {
    return z.array(z.unknown()).parse(JSON.parse(text));
  } catch (cause) {
    throw new Error("The connections file is not a JSON array", { cause });
  }
}

/** The same value with each `env:NAME` replaced; names that are not set are noted. */
function resolved(value: unknown, lookUp: LookUp, missing: string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, lookUp, missing));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [
      key,
      resolved(item, lookUp, missing),
    ]);
    return Object.fromEntries(entries);
  }
  if (typeof value !== "string" || !value.startsWith("env:")) return value;
  const name = value.slice("env:".length);
  const found = lookUp(name);
  if (found === undefined || found === "") missing.push(name);
  return found;
}
