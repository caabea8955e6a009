import type { Db } from "#db/connect.ts";
import { type Instant, plusMs } from "#domain/time.ts";

interface Turn {
  job: string;
  now: Instant;
  /** A turn taken after this instant is the same one. */
  since: Instant;
}

/** How far the clocks of two processes may be apart. */
const clocksApartMs = 60_000;

/** Takes a job's turn to run. False when another process has taken it. */
export async function takeTurn(db: Db, { job, now, since }: Turn): Promise<boolean> {
  const taken = await db
    .insertInto("job_turns")
    .values({ job, taken_at: now })
    .onConflict((conflict) =>
      conflict
        .column("job")
        .doUpdateSet({ taken_at: now })
        .where((turn) =>
          turn.or([
            turn("job_turns.taken_at", "<=", since),
            // Taken by a clock that was ahead: waiting for that instant would stop the job.
            turn("job_turns.taken_at", ">", plusMs(now, clocksApartMs)),
          ]),
        ),
    )
    .returning("job")
    .execute();
  return taken.length === 1;
}
