import type { EventRow } from "#db/schema/ledger.ts";
import type { DisputeState } from "#domain/dispute.ts";
import type { DisputeMove, LedgerEvent } from "#domain/event.ts";
import { eventOf } from "#server/ledger/read.ts";

/** One thing said or done in a dispute. A `note` is internal: the customer never sees it. */
export interface Said {
  sequence: number;
  kind: "message" | "note" | "step";
  side: "customer" | "supplier" | null;
  author: string;
  at: string;
  /** The event's type, for its words. */
  type: string;
  text: string;
  /** Where a step led. */
  state: DisputeState | null;
  creditedAmount: number | null;
}

/** What of an invoice's events is about one dispute, in their order; erased ones are left out. */
export function conversationOf(rows: EventRow[], disputeId: string): Said[] {
  return rows.flatMap((row) => {
    if (row.data === null) return [];
    const event = eventOf(row);
    const said = saidIn(event, disputeId);
    const { sequence, occurredAt: at, type } = event;
    return said === null ? [] : [{ sequence, at, type, ...said }];
  });
}

/** What finance noted as a dispute's root cause at its last resolution; null: nothing. */
export function rootCauseOf(rows: EventRow[], disputeId: string): string | null {
  const causes = rows.flatMap((row) => {
    const event = row.data === null ? null : eventOf(row);
    if (event?.type !== "audit.recorded" || event.data.subject !== disputeId) return [];
    const { action, details } = event.data;
    return action === "dispute_root_cause_set" ? String(details["rootCause"]) : [];
  });
  return causes.at(-1) ?? null;
}

type Part = Omit<Said, "sequence" | "at" | "type">;

function saidIn(event: LedgerEvent, disputeId: string): Part | null {
  switch (event.type) {
    case "dispute.opened": {
      const { dispute, author, side } = event.data;
      if (dispute.id !== disputeId) return null;
      return {
        kind: "message",
        side,
        author,
        text: dispute.message,
        state: null,
        creditedAmount: null,
      };
    }
    case "comment.added":
    case "note.added": {
      if (event.data.disputeId !== disputeId) return null;
      const { author, side, text } = event.data;
      const kind = event.type === "note.added" ? "note" : "message";
      return { kind, side, author, text, state: null, creditedAmount: null };
    }
    case "dispute.updated":
    case "dispute.waiting":
    case "dispute.resolved":
    case "dispute.rejected":
    case "dispute.withdrawn":
    case "dispute.reopened":
      return event.data.disputeId === disputeId ? step(event.data) : null;
    default:
      return null;
  }
}

function step(move: DisputeMove): Part {
  return {
    kind: "step",
    side: null,
    author: move.author ?? "",
    text: move.message ?? "",
    state: move.state,
    creditedAmount: move.creditedAmount ?? null,
  };
}
