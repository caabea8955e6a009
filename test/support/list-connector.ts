import { afterAll, beforeAll } from "vitest";
import { connectors } from "#server/connectors/index.ts";
import type { Listed } from "#server/connectors/bind.ts";

/** Puts a connector of the tests' own in the list while this file's tests run. */
export function listForThisFile(system: string, connector: Listed): void {
  const list = connectors;
  if (!(list instanceof Map)) throw new Error("The list of connectors is no Map any more");
  beforeAll(() => void list.set(system, connector));
  afterAll(() => void list.delete(system));
}
