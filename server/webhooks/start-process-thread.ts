import type { Context } from "#server/context.ts";
import { besides, startLasting } from "#server/thread.ts";
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
  const { config, committed } = context;
  const data: ThreadData = { config, turn: options.turn };
  const file = besides(import.meta.url, "process-thread");
  const without = "deliveries are processed no more";
  const lasting = startLasting(context, { file, data, without, onEnd: options.onEnd });
  const { thread } = lasting;
  const asked = new Map<number, (idle: boolean) => void>();

  thread.on("message", (given: unknown) => {
    const message = FromThread.parse(given);
    if (message.kind === "committed") committed.publish(message.events);
    else if (message.kind === "count") options.count(message.outcome, message.deliveries);
    else asked.get(message.id)?.(message.idle);
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
    stop: () => lasting.stop({ kind: "stop" } satisfies ToThread),
  };
}
