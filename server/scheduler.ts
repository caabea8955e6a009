import { Cron } from "croner";
import { deleteOldRequests } from "#db/queries/api-requests.ts";
import { deleteOldDeliveries } from "#db/queries/deliveries.ts";
import { deleteExpiredUnmatched } from "#db/queries/expired.ts";
import { takeTurn } from "#db/queries/job-turns.ts";
import { deleteOldRuns } from "#db/queries/reconcile.ts";
import { deleteOldRejections } from "#db/queries/rejections.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { dayMs, plusMs, toInstant } from "#domain/time.ts";
import {
  recordBrokenPromises,
  recordOverdue,
  takeBackEarlyOverdue,
  type DueRule,
} from "./ledger/due.ts";
import { tellUnbooked } from "./notices/tell-unbooked.ts";
import { tellSilence } from "./connections/tell-silence.ts";
import type { Portal } from "./portal-context.ts";
import { makeDailyCheckpoint } from "./proofs/make-checkpoint.ts";
import { reconcileDue } from "./reconcile/job.ts";
import { lookForMissing } from "./reconcile/look-for-missing.ts";

interface Job {
  name: string;
  /** Cron pattern with seconds, in UTC. */
  when: string;
  /** `stopped` is aborted when the portal stops: what takes long ends early. */
  run(portal: Portal, stopped: AbortSignal): Promise<unknown>;
}

const deliveriesKeptMs = 400 * dayMs;
const runsKeptMs = 90 * dayMs;
const rowsAtOnce = 500;

/** Every recurring job. Days begin at different times in different zones, so the day's rules run often. */
const jobs: Job[] = [
  {
    name: "overdue",
    when: "5 */5 * * * *",
    async run(portal) {
      const rule = await dueRule(portal);
      await takeBackEarlyOverdue(portal, rule);
      await recordOverdue(portal, rule);
    },
  },
  {
    name: "promises",
    when: "35 */5 * * * *",
    run: async (portal) => recordBrokenPromises(portal, await dueRule(portal)),
  },
  { name: "reconcile", when: "20 * * * * *", run: reconcileDue },
  { name: "missing", when: "40 * * * * *", run: lookForMissing },
  { name: "silence", when: "50 */5 * * * *", run: tellSilence },
  { name: "unbooked", when: "10 23 5 * * *", run: tellUnbooked },
  // Asked for more often than daily: the portal may not run at the one moment of the day.
  { name: "checkpoint", when: "20 7 * * * *", run: makeDailyCheckpoint },
  { name: "old-deliveries", when: "0 17 3 * * *", run: forgetOldDeliveries },
  { name: "expired-unmatched", when: "0 41 * * * *", run: forgetExpiredUnmatched },
  { name: "old-api-requests", when: "0 47 3 * * *", run: forgetOldApiRequests },
  { name: "old-runs", when: "0 52 3 * * *", run: forgetOldRuns },
];

/** Those that ask systems. */
const asking = ["reconcile", "missing"];

async function dueRule({ db }: Portal): Promise<DueRule> {
  const { timeZone, graceDays } = await readSupplier(db);
  return { timeZone, graceDays };
}

/**
 * Runs the jobs in their time, none of them beside itself; of several processes one runs each. With a
 * clock of one's own they run when asked alone: their time would be the wall clock's.
 */
export function startScheduler(portal: Portal, { ownClock }: { ownClock: boolean }) {
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const run = (job: Job): Promise<void> => {
    const work = runJob(portal, job, stopping.signal).finally(() => running.delete(work));
    running.add(work);
    return work;
  };
  const options = { protect: true, timezone: "UTC", unref: true };
  // A command in another process may have changed them.
  const reloadChanged = () => portal.connections.reloadChanged();
  const watch = { name: "connections", when: "*/5 * * * * *", run: reloadChanged };
  const timed = { ...options, paused: ownClock };
  const crons = jobsOf(portal).map(
    (job) => new Cron(job.when, timed, (cron) => run({ ...job, run: inTurn(job, cron) })),
  );
  // What each process keeps in memory, each looks after by itself.
  crons.push(new Cron(watch.when, options, () => run(watch)));
  return {
    /** Runs every job now; for tests and for the demo's clock. */
    async runAll(): Promise<void> {
      for (const job of jobsOf(portal)) await run(job);
    },
    async stop(): Promise<void> {
      stopping.abort();
      for (const cron of crons) cron.stop();
      await Promise.all(running);
    },
  };
}

/** In a rehearsal no system is asked anything. */
function jobsOf({ config }: Portal): Job[] {
  return config.rehearsal ? jobs.filter(({ name }) => !asking.includes(name)) : jobs;
}

/** The job, if no other process has run it since about half the time to its next turn. */
function inTurn({ name, run }: Job, cron: Cron): Job["run"] {
  return async (portal, stopped) => {
    const untilNextMs = cron.msToNext() ?? 0;
    const now = toInstant(new Date());
    const turn = { job: name, now, since: plusMs(now, -Math.floor(untilNextMs / 2)) };
    if (await takeTurn(portal.queues, turn)) await run(portal, stopped);
  };
}

async function runJob(portal: Portal, job: Job, stopped: AbortSignal): Promise<void> {
  try {
    await job.run(portal, stopped);
  } catch (error) {
    portal.log.error({ err: error, job: job.name }, "a job failed; it runs again in its time");
  }
}

/** In small bites: a long delete would keep deliveries from being stored. */
async function forgetOldDeliveries({ writer, clock }: Portal): Promise<void> {
  const before = plusMs(toInstant(clock()), -deliveriesKeptMs);
  while ((await deleteOldDeliveries(writer, before, rowsAtOnce)) === rowsAtOnce) continue;
}

async function forgetOldApiRequests({ writer, clock }: Portal): Promise<void> {
  await deleteOldRequests(writer, plusMs(toInstant(clock()), -7 * dayMs));
}

async function forgetOldRuns({ writer, clock }: Portal): Promise<void> {
  const before = plusMs(toInstant(clock()), -runsKeptMs);
  await deleteOldRuns(writer, before);
  await deleteOldRejections(writer, before);
}

async function forgetExpiredUnmatched({ writer, clock }: Portal): Promise<void> {
  await deleteExpiredUnmatched(writer, toInstant(clock()));
}
