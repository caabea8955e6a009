import { Worker } from "node:worker_threads";

/** Starts a thread from one of our modules: a source, or what a bundle has in its place. */
export function startThread(file: URL, data: unknown): Worker {
  if (!file.pathname.endsWith(".ts")) return new Worker(file, { workerData: data });
  // A thread does not inherit what lets this process read TypeScript.
  const load = `import("tsx/esm/api").then(({ register }) => {
    register();
    return import(${JSON.stringify(file.href)});
  });`;
  return new Worker(load, { eval: true, workerData: data });
}
