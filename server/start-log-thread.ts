import { isPostgresUrl } from "#db/connect.ts";
import type { Context } from "./context.ts";
import type { LogData } from "./log-thread.ts";
import { besides, startLasting } from "./thread.ts";

interface Options {
  turn: SharedArrayBuffer;
  /** Called when the thread ended by itself: without it the log would grow for ever. */
  onEnd: (error: unknown) => void;
}

/** Starts the thread that empties SQLite's log; PostgreSQL needs none. Gives what stops it. */
export function startLogThread(context: Context, { turn, onEnd }: Options): () => Promise<void> {
  const { config, log } = context;
  if (isPostgresUrl(config.databaseUrl)) return async () => {};
  const data: LogData = { url: config.databaseUrl, turn };
  const file = besides(import.meta.url, "log-thread");
  const without = "the database's log is emptied no more";
  const { thread, stop } = startLasting(context, { file, data, without, onEnd });
  thread.on("message", (error) => log.warn({ err: error }, "the log could not be emptied"));
  return () => stop("stop");
}
