import type { EventRow } from "#db/schema.ts";
import { type DisputeMove, eventData } from "#server/domain/event.ts";

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
  creditedAmount: number | null;
}

/** What of an invoice's events is about one dispute, in their order; erased ones are left out. */
export function conversationOf(rows: EventRow[], disputeId: string): Said[] {
  return rows.flatMap((row) => {
    if (row.data === null) return [];
    const said = saidIn(row, JSON.parse(row.data), disputeId);
    return said === null
      ? []
      : [{ sequence: row.sequence, at: row.occurred_at, type: row.type, ...said }];
  });
}

type Part = Omit<Said, "sequence" | "at" | "type">;

function saidIn({ type }: EventRow, data: unknown, disputeId: string): Part | null {
  switch (type) {
    case "dispute.opened": {
      const { dispute, author, side } = eventData[type].parse(data);
      if (dispute.id !== disputeId) return null;
      return { kind: "message", side, author, text: dispute.message, creditedAmount: null };
    }
    case "comment.added":
    case "note.added": {
      const words = eventData[type].parse(data);
      if (words.disputeId !== disputeId) return null;
      const { author, side, text } = words;
      return {
        kind: type === "note.added" ? "note" : "message",
        side,
        author,
        text,
        creditedAmount: null,
      };
    }
    case "dispute.updated":
    case "dispute.waiting":
    case "dispute.resolved":
    case "dispute.rejected":
    case "dispute.withdrawn":
    case "dispute.reopened": {
      const move = eventData[type].parse(data);
      return move.disputeId === disputeId ? step(move) : null;
    }
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
    creditedAmount: move.creditedAmount ?? null,
  };
}
