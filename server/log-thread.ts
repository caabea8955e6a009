import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { openLog } from "#db/empty-log.ts";
import { isSyncFailure } from "#db/fault.ts";
import { WriteTurn } from "#db/write-turn.ts";

const LogData = z.object({ url: z.string(), turn: z.instanceof(SharedArrayBuffer) });
/** What the thread is given at its start: the database, and `WriteTurn.shared()` of the server. */
export type LogData = z.infer<typeof LogData>;

const emptiedEveryMs = 2_000;

/** The thread that keeps SQLite's log short, so that neither answering nor recording stops for it. */
const { url, turn } = LogData.parse(workerData);
const log = openLog(url, new WriteTurn(turn));
const stopping = new AbortController();
parentPort?.once("message", () => stopping.abort());

while (!stopping.signal.aborted) {
  await log.empty().catch((error: unknown) => {
    // What the disk lost cannot be told: this ends the thread, and that ends the server.
    if (isSyncFailure(error)) throw error;
    // A full disk, say: the log grows until there is room again.
    parentPort?.postMessage(error);
  });
  await pause(emptiedEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
}
log.close();
