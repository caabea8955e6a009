import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import type { Db } from "#db/connect.ts";
import { startThread } from "#server/thread.ts";
import { type RangeTask, type RangeVerdict, verifyRange } from "./verify-range.ts";
import type { Asked } from "./verify.ts";

/** What a thread tells: how far it is, or what it found. */
export type Told = { events: number } | { verdict: RangeVerdict };

/** As many as there are processors; more than four read faster than a disk gives. */
export const mostThreads = Math.min(4, availableParallelism());

/** Verifies the ranges, on threads of their own when there are several. Gives the verdicts in order. */
export async function verifyRanges(
  db: Db,
  tasks: RangeTask[],
  { databaseUrl, onProgress = () => {} }: Asked,
): Promise<RangeVerdict[]> {
  let events = 0;
  const count = (read: number) => onProgress((events += read));
  const threads = Math.min(mostThreads, tasks.length);
  const entry = threads < 2 ? null : workerEntry();
  if (entry === null || databaseUrl === undefined) {
    const verdicts: RangeVerdict[] = [];
    for (const task of tasks) verdicts.push(await verifyRange(db, task, count));
    return verdicts;
  }
  const verdicts: RangeVerdict[] = [];
  const waiting = [...tasks.entries()];
  const work = async () => {
    const worker = startThread(entry, databaseUrl);
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [place, task] = next;
        verdicts[place] = await ask(worker, task, count);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return verdicts;
}

function ask(worker: Worker, task: RangeTask, count: (events: number) => void) {
  return new Promise<RangeVerdict>((resolve, reject) => {
    const listen = (told: Told) => {
      if ("events" in told) return count(told.events);
      worker.off("message", listen);
      worker.off("error", reject);
      resolve(told.verdict);
    };
    worker.on("message", listen);
    worker.once("error", reject);
    worker.postMessage(task);
  });
}

/** The thread's own file: beside this one in the sources, in one place for every bundle of a build. */
function workerEntry(): URL | null {
  const isSource = import.meta.url.endsWith(".ts");
  const path = isSource ? "./verify-worker.ts" : "../portal/verify-worker.js";
  const file = new URL(path, import.meta.url);
  return existsSync(file) ? file : null;
}
