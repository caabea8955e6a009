import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Context } from "./context.ts";

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

interface Lasting {
  file: URL;
  data: unknown;
  /** In words, what nobody does once the thread is gone. */
  without: string;
  /** Called when the thread ended by itself. */
  onEnd: (error: unknown) => void;
}

/** Starts a thread that the server cannot do without. `stop` sends it a message and waits for its end. */
export function startLasting({ log }: Context, { file, data, without, onEnd }: Lasting) {
  const thread = startThread(file, data);
  let stopping = false;
  let fault: unknown = new Error("The thread ended");
  thread.on("error", (error) => (fault = error));
  thread.on("exit", () => {
    if (stopping) return;
    log.fatal({ err: fault }, without);
    onEnd(fault);
  });
  return {
    thread,
    async stop(message: unknown): Promise<void> {
      stopping = true;
      const ended = once(thread, "exit");
      thread.postMessage(message);
      await ended;
    },
  };
}

/** A module beside another one, as that one is: a source, or part of a bundle. */
export function besides(url: string, name: string): URL {
  const [ending] = /\.[tj]s$/.exec(url) ?? [".js"];
  return new URL(`./${name}${ending}`, url);
}
