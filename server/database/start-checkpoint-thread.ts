import { isPostgresUrl } from "#db/connect.ts";
import type { Context } from "#server/context.ts";
import type { CheckpointData } from "./checkpoint-thread.ts";
import { besides, startLasting } from "#server/thread.ts";

interface Options {
  turn: SharedArrayBuffer;
  /** Called when the thread ended by itself: without it the WAL would grow without limit. */
  onEnd: (error: unknown) => void;
}

/** Starts the thread that makes SQLite's WAL checkpoints; PostgreSQL needs none. Gives the function that stops it. */
export function startCheckpointThread(
  context: Context,
  { turn, onEnd }: Options,
): () => Promise<void> {
  const { config, log } = context;
  if (isPostgresUrl(config.databaseUrl)) return async () => {};
  const data: CheckpointData = { url: config.databaseUrl, turn };
  const file = besides(import.meta.url, "checkpoint-thread");
  const without = "no more WAL checkpoints are made";
  const { thread, stop } = startLasting(context, { file, data, without, onEnd });
  thread.on("message", (error) => log.warn({ err: error }, "a WAL checkpoint failed"));
  return () => stop("stop");
}
