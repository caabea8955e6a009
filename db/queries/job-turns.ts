import type { Db } from "#db/connect.ts";
import type { Instant } from "#domain/time.ts";

interface Turn {
  job: string;
  now: Instant;
  /** A turn taken after this instant is the same one. */
  since: Instant;
}

/** Takes a job's turn to run. False when another process has taken it. */
export async function takeTurn(db: Db, { job, now, since }: Turn): Promise<boolean> {
  const taken = await db
    .insertInto("job_turns")
    .values({ job, taken_at: now })
    .onConflict((conflict) =>
      conflict
        .column("job")
        .doUpdateSet({ taken_at: now })
        .where("job_turns.taken_at", "<=", since),
    )
    .returning("job")
    .execute();
  return taken.length === 1;
}
