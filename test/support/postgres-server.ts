import type { TestProject } from "vitest/node";
import { startPostgres } from "./postgres.ts";

/** Before all tests on PostgreSQL: one server for them. Gives how to stop it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startPostgres();
  project.provide("postgres", url);
  return stop;
}
