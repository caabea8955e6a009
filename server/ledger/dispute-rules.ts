import type { DisputeState } from "#domain/dispute.ts";
import { type Instant, toInstant } from "#domain/time.ts";

/** Working days within which a dispute is answered first (Peppol BIS 63). */
const firstResponseDays = 3;

/** The first response is due after three working days, Saturdays and Sundays not counted. */
export function firstResponseDueAt(openedAt: Instant): Instant {
  const due = new Date(openedAt);
  for (let days = 0; days < firstResponseDays;) {
    due.setUTCDate(due.getUTCDate() + 1);
    if (due.getUTCDay() !== 0 && due.getUTCDay() !== 6) days++;
  }
  return toInstant(due);
}

/** The event that says where a dispute went. */
export function moveType(from: DisputeState, to: DisputeState) {
  if (from === to) return "dispute.updated";
  if (to === "waiting_for_customer") return "dispute.waiting";
  if (to === "resolved" || to === "rejected" || to === "withdrawn") return `dispute.${to}` as const;
  const wasClosed = from === "resolved" || from === "rejected" || from === "withdrawn";
  return to === "open" && wasClosed ? "dispute.reopened" : "dispute.updated";
}

const pressing = [
  "waiting_for_customer",
  "open",
  "under_review",
  "rejected",
  "resolved",
  "withdrawn",
];

/** The dispute state that an invoice shows: the one that most needs somebody, `none` without any. */
export function mostPressing(states: DisputeState[]): DisputeState | "none" {
  return states.toSorted((a, b) => pressing.indexOf(a) - pressing.indexOf(b))[0] ?? "none";
}
