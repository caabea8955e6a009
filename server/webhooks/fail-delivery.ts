import { type DueDelivery, markFailed } from "#db/queries/deliveries.ts";
import { clip } from "#domain/text.ts";
import type { Context } from "#server/context.ts";
import { plusMs, toInstant, type Instant } from "#domain/time.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { CountOutcome } from "./process-messages.ts";

const mostAttempts = 10;
const firstPauseMs = 5_000;
const longestPauseMs = 3_600_000;

/**
 * Says why a delivery failed and when it is tried again. What the sender got wrong stays wrong, so
 * it is dead at once; a system that said when to come back is believed; the rest is tried ten times.
 * A system that lets nobody in until some time was not tried: waiting for it never makes a delivery dead.
 */
export async function failDelivery(
  context: Pick<Context, "clock" | "log" | "writer">,
  count: CountOutcome,
  row: DueDelivery,
  error: unknown,
): Promise<void> {
  const now = toInstant(context.clock());
  const turnedAway = turnedAwayUntil(error, now);
  const attempts = turnedAway === undefined ? row.attempts + 1 : row.attempts;
  const dueAt = turnedAway ?? nextTry(error, attempts, now);
  const deadAt = dueAt ? null : now;
  const words = error instanceof Error ? error.message : String(error);
  const failed = { id: row.id, error: clip(words, 1000), attempts, dueAt, deadAt };
  await markFailed(context.writer, failed);
  count(dueAt ? "retried" : "dead");
  const delivery = { delivery: row.id, connection: row.connection_id, dueAt };
  if (error instanceof RequestError) context.log.warn({ ...delivery, words }, "a delivery is dead");
  else context.log.error({ ...delivery, err: error }, "a delivery could not be processed");
}

/** Its limit was reached, and it said until when. */
function turnedAwayUntil(error: unknown, now: Instant): Instant | undefined {
  if (!(error instanceof UpstreamError) || typeof error.retryAt !== "string") return undefined;
  const isLimit = error.status === 429 || error.outcome === "not_sent";
  return isLimit && error.retryAt > now ? error.retryAt : undefined;
}

/** null: not by itself. */
function nextTry(error: unknown, attempts: number, now: Instant): Instant | null {
  if (error instanceof RequestError || attempts >= mostAttempts) return null;
  const own = plusMs(now, pauseMs(attempts));
  if (!(error instanceof UpstreamError) || error.retryAt === undefined) return own;
  return error.retryAt === null || error.retryAt > now ? error.retryAt : own;
}

/** 5 s, 15 s, 45 s … up to an hour, each up to a fifth longer so that retries do not march in step. */
function pauseMs(attempts: number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 3 ** (attempts - 1));
  return Math.round(pause * (1 + Math.random() / 5));
}
