import { once } from "node:events";
import type { Context } from "#server/context.ts";
import { startThread } from "#server/thread.ts";
import {
  type CountOutcome,
  FromThread,
  type ThreadData,
  type ToThread,
} from "./process-messages.ts";

interface Options {
  count: CountOutcome;
  turn: SharedArrayBuffer;
  /** Called when the thread ended by itself: what it held is in the database, for the next start. */
  onEnd: (error: unknown) => void;
}

/** Starts the thread that takes deliveries to the ledger. What it commits is published here, too. */
export function startProcessThread(context: Context, options: Options) {
  const { config, committed, log } = context;
  const data: ThreadData = { config, turn: options.turn };
  // As this file is: a source, or part of a bundle that has the thread beside it.
  const [ending] = /\.[tj]s$/.exec(import.meta.url) ?? [".js"];
  const thread = startThread(new URL(`./process-thread${ending}`, import.meta.url), data);
  const asked = new Map<number, (idle: boolean) => void>();
  let stopping = false;
  let fault: unknown = new Error("The thread that processes deliveries ended");

  thread.on("message", (given: unknown) => {
    const message = FromThread.parse(given);
    if (message.kind === "committed") committed.publish(message.events);
    else if (message.kind === "count") options.count(message.outcome, message.deliveries);
    else asked.get(message.id)?.(message.idle);
  });
  thread.on("error", (error) => (fault = error));
  thread.on("exit", () => {
    if (stopping) return;
    log.fatal({ err: fault }, "deliveries are processed no more");
    options.onEnd(fault);
  });

  const tell = (message: ToThread) => thread.postMessage(message);
  let questions = 0;
  async function ask(kind: "idle" | "is-idle"): Promise<boolean> {
    const id = questions++;
    const answer = new Promise<boolean>((resolve) => asked.set(id, resolve));
    tell({ kind, id });
    return answer.finally(() => asked.delete(id));
  }

  return {
    wake: () => tell({ kind: "wake" }),
    /** The connections changed. */
    reload: () => tell({ kind: "reload" }),
    idle: async () => void (await ask("idle")),
    isIdle: () => ask("is-idle"),
    async stop() {
      stopping = true;
      const ended = once(thread, "exit");
      tell({ kind: "stop" });
      await ended;
    },
  };
}
