import type { Context } from "#server/context.ts";
import { toInstant, type Instant } from "#domain/time.ts";
import { type Fault, verifyLedger } from "#server/ledger/verify/verify.ts";

export type Verification =
  | { state: "running"; startedAt: Instant; checked: number }
  | { state: "failed"; startedAt: Instant }
  | {
      state: "done";
      startedAt: Instant;
      endedAt: Instant;
      ok: boolean;
      events: number;
      chains: number;
      checkpoints: number;
      firstBad: Fault | null;
    };

/** The last verification of each running portal; it is about the present, so it is not stored. */
const verifications = new WeakMap<Context["committed"], Verification>();

/** The verification that runs or was the last; null since the start of the portal. */
export function lastVerification({ committed }: Pick<Context, "committed">): Verification | null {
  return verifications.get(committed) ?? null;
}

/** Reads every event again and computes every hash, in the background; one at a time. */
export function startVerification(context: Context): void {
  const { committed, clock, config, db, log } = context;
  if (verifications.get(committed)?.state === "running") return;
  const startedAt = toInstant(clock());
  verifications.set(committed, { state: "running", startedAt, checked: 0 });
  const onProgress = (checked: number) =>
    verifications.set(committed, { state: "running", startedAt, checked });
  verifyLedger(db, { databaseUrl: config.databaseUrl, onProgress })
    .then((verdict) => {
      const endedAt = toInstant(clock());
      verifications.set(committed, { state: "done", startedAt, endedAt, ...verdict });
    })
    .catch((error: unknown) => {
      log.error({ err: error }, "the ledger could not be verified");
      verifications.set(committed, { state: "failed", startedAt });
    });
}
