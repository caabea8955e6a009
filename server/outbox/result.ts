import type { OutboxRow } from "#db/schema/outbox.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { clip } from "#domain/text.ts";

/**
 * What came of one attempt. `retryAt` as in UpstreamError: undefined, our own pauses; an instant, not
 * before; null, never by itself. `unknown`: sent, but nobody can say whether it took effect. `unwritten`: a
 * mail that the portal itself failed to write.
 */
export type Result =
  | { outcome: "accepted" | "read_back"; answer: string; receipt: Record<string, unknown> }
  | { outcome: "skipped" | "suppressed" | "unwritten"; answer: string; messageId?: string }
  | {
      outcome: "failed" | "unknown";
      answer: string;
      retryAt?: string | null | undefined;
      messageId?: string;
      /** The address of a mail takes none. */
      addressRefused?: boolean;
    };

/** What came of an attempt for one of its rows. */
export interface RowResult {
  row: OutboxRow;
  result: Result;
}

/** The result of an attempt that threw. Gives undefined for what is our bug: the caller logs it. */
export function resultOf(error: unknown): Result | undefined {
  if (error instanceof UpstreamError) {
    const outcome = error.outcome === "unknown" ? "unknown" : "failed";
    return { outcome, answer: short(error.message), retryAt: error.retryAt };
  }
  if (error instanceof RequestError) {
    return { outcome: "failed", answer: short(error.message), retryAt: null };
  }
  return undefined;
}

/** An answer as it is kept: one line of at most 300 characters. */
export function short(answer: string): string {
  return clip(answer.replaceAll(/\p{Cc}+/gu, " ").trim(), 300);
}
