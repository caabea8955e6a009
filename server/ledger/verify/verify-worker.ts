import { parentPort, workerData } from "node:worker_threads";
import { connect } from "#db/connect.ts";
import { type RangeTask, verifyRange } from "./verify-range.ts";
import type { Told } from "./verify-threads.ts";

/** A thread that verifies one range after the other on a connection of its own. */
const { db } = connect(String(workerData));

const tell = (told: Told) => parentPort?.postMessage(told);

parentPort?.on("message", (task: RangeTask) => {
  verifyRange(db, task, (events) => tell({ events })).then(
    (verdict) => tell({ verdict }),
    // Thrown outside the promise, so that whoever asked hears of it as an error of the thread.
    (error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
  );
});
