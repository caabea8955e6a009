import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { openLog } from "#db/empty-log.ts";
import { isSyncFailure } from "#db/fault.ts";
import { WriteTurn } from "#db/write-turn.ts";

const CheckpointData = z.object({ url: z.string(), turn: z.instanceof(SharedArrayBuffer) });
/** What the thread is given at its start: the database, and `WriteTurn.shared()` of the server. */
export type CheckpointData = z.infer<typeof CheckpointData>;

const checkpointEveryMs = 2_000;

/** The thread that makes the WAL checkpoints, so that neither answering nor recording waits for one. */
const { url, turn } = CheckpointData.parse(workerData);
const log = openLog(url, new WriteTurn(turn));
const stopping = new AbortController();
parentPort?.once("message", () => stopping.abort());

while (!stopping.signal.aborted) {
  await log.empty().catch((error: unknown) => {
    // After a failed fsync nobody knows what the disk lost: ending the thread ends the server.
    if (isSyncFailure(error)) throw error;
    // On a full disk, for example, the WAL grows until there is room again.
    parentPort?.postMessage(error);
  });
  await pause(checkpointEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
}
log.close();
