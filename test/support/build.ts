import { buildIfStale } from "#demo/build.ts";

/** Before all tests: the pages as they will run, built when they are missing or out of date. */
export async function setup(): Promise<void> {
  await buildIfStale();
}
