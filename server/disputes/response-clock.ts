import type { DisputeRow } from "#db/schema/disputes.ts";
import { isOpen } from "#domain/dispute.ts";
import { roughMs, type Instant } from "#domain/time.ts";

/** How the first response stands. `leftMs` is negative once it is late. */
export type ResponseClock =
  | { state: "met"; at: string }
  | { state: "late_answer"; at: string }
  | { state: "paused" }
  | { state: "late" | "running"; leftMs: number }
  | { state: "ended" };

type Timed = Pick<DisputeRow, "state" | "opened_at" | "first_response_due_at" | "responded_at">;

/** The clock of the first response: met or late once answered, paused while the customer has to answer. */
export function responseClock(dispute: Timed, now: Instant): ResponseClock {
  const { responded_at: at, first_response_due_at: dueAt } = dispute;
  if (at !== null) return { state: roughMs(at) <= Date.parse(dueAt) ? "met" : "late_answer", at };
  if (!isOpen(dispute.state)) return { state: "ended" };
  if (dispute.state === "waiting_for_customer") return { state: "paused" };
  const leftMs = Date.parse(dueAt) - Date.parse(now);
  return { state: leftMs < 0 ? "late" : "running", leftMs };
}

/** The part of the time between opening and deadline that is used, 0 to 1. */
export function usedShare(dispute: Timed, now: Instant): number {
  const start = roughMs(dispute.opened_at);
  const whole = Date.parse(dispute.first_response_due_at) - start;
  const end = dispute.responded_at === null ? Date.parse(now) : roughMs(dispute.responded_at);
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, (end - start) / whole));
}
