import { moneyText } from "#app/ui/money.tsx";
import type { LedgerEvent } from "#domain/event.ts";

/** One thing said, with what it did to a dispute, "resolved it, EUR 598.22 credited". */
export interface Said {
  sequence: number;
  disputeId: string | null;
  side: "customer" | "supplier";
  author: string;
  did: string | null;
  text: string;
  at: string;
}

interface Telling {
  currency: string;
  locale: string;
  /** The name behind a connection's id; another author as it is. */
  nameOf: (author: string) => string;
  supplier: string;
}

/**
 * What both sides said about an invoice, oldest first: messages, and the words sent with a dispute or
 * a step of it. Steps without words are in the timeline, but the end of a dispute is told here too.
 */
export function saidIn(told: readonly LedgerEvent[], telling: Telling): Said[] {
  const said = told.flatMap((event) => {
    const part = partOf(event, telling);
    return part ? [{ sequence: event.sequence, at: event.occurredAt, ...part }] : [];
  });
  return said.map((one) => ({ ...one, author: telling.nameOf(one.author) }));
}

function partOf(event: LedgerEvent, telling: Telling): Omit<Said, "sequence" | "at"> | null {
  switch (event.type) {
    case "comment.added": {
      const { disputeId = null, side, author, text } = event.data;
      return { disputeId, side, author, did: null, text };
    }
    case "dispute.opened": {
      const { dispute, side, author } = event.data;
      if (dispute.message === "") return null;
      return {
        disputeId: dispute.id,
        side,
        author,
        did: "opened the dispute",
        text: dispute.message,
      };
    }
    case "dispute.updated":
    case "dispute.waiting":
    case "dispute.reopened":
    case "dispute.resolved":
    case "dispute.rejected":
    case "dispute.withdrawn": {
      const { disputeId, author = telling.supplier, message: text = "" } = event.data;
      const ends = ["dispute.resolved", "dispute.rejected", "dispute.withdrawn"];
      if (text === "" && !ends.includes(event.type)) return null;
      const side = event.type === "dispute.withdrawn" ? "customer" : "supplier";
      return { disputeId, side, author, did: didIn(event, telling), text };
    }
    default:
      return null;
  }
}

type Step = Exclude<
  Extract<LedgerEvent, { type: `dispute.${string}` }>,
  { type: "dispute.opened" | "dispute.assigned" }
>;

function didIn({ type, data }: Step, { currency, locale }: Telling): string | null {
  switch (type) {
    case "dispute.waiting":
      return "asked";
    case "dispute.rejected":
      return "rejected the dispute";
    case "dispute.withdrawn":
      return "withdrew the dispute";
    case "dispute.reopened":
      return "opened it again";
    case "dispute.resolved": {
      const { creditedAmount: amount = 0 } = data;
      const credit =
        amount > 0 ? `${moneyText({ amount, currency }, locale)} credited` : "no credit";
      return `resolved the dispute, ${credit}`;
    }
    case "dispute.updated":
      return data.state === "under_review" && data.from !== "under_review" ? "took it up" : null;
  }
}
