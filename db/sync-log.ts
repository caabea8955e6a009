import { closeSync, fdatasync, openSync } from "node:fs";
import { SyncFailure } from "./fault.ts";

/**
 * Makes what was committed durable while the thread does other things: SQLite itself would hold it up
 * until the disk has answered. `log` is the write-ahead log; a commit that is in it when `sync` is
 * called is on the disk when that resolves. Throws SyncFailure, and does so ever after: what the disk
 * once lost, a second fsync does not bring back (PostgreSQL: fsync errors).
 */
export function createSync(log: string, onFailure: (error: unknown) => void) {
  let file: number | undefined;
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  function start(): Promise<void> {
    running = flush().then(() => {
      running = undefined;
    });
    return running;
  }

  function flush(): Promise<void> {
    // SQLite makes the file with its first commit and keeps it until the last connection closes.
    file ??= openSync(log, "r+");
    const open = file;
    return new Promise((resolve, reject) => {
      fdatasync(open, (cause) => {
        if (!cause) return resolve();
        const failure = new SyncFailure("The disk did not keep what was written", { cause });
        onFailure(failure);
        reject(failure);
      });
    });
  }

  return {
    /** A flush that has begun says nothing of later commits: they wait for the next, together. */
    sync(): Promise<void> {
      if (running === undefined) return start();
      following ??= running.then(() => {
        following = undefined;
        return start();
      });
      return following;
    },
    close: () => {
      if (file !== undefined) closeSync(file);
    },
  };
}
