import { reasonWords } from "./words.ts";
import type { DisputeMove, LedgerEvent } from "#domain/event.ts";

export type DisputeEvent = Extract<LedgerEvent, { type: `dispute.${string}` }>;

interface Words {
  money: (amount: number) => string;
  /** The name of a person or system; the supplier's where none is told. */
  who: (author: string | undefined) => string;
}

/** What happened to a dispute, as one sentence for the customer. */
export function disputeSentence(event: DisputeEvent, { money, who }: Words): string {
  switch (event.type) {
    case "dispute.opened": {
      const { dispute, author } = event.data;
      const amount = money(dispute.amount);
      const part = dispute.whole ? `the whole invoice, ${amount}` : amount;
      return `${who(author)} disputed ${part}: ${reasonWords[dispute.reason].toLowerCase()}`;
    }
    case "dispute.updated":
      return updateSentence(event.data, { money, who });
    case "dispute.assigned": {
      const { processor, author } = event.data;
      return processor === null
        ? `${who(author)} gave the dispute back to colleagues`
        : `${processor.name} works on the dispute`;
    }
    case "dispute.waiting":
      return `${who(event.data.author)} asked a question, the dispute waits for you`;
    case "dispute.resolved": {
      const { author, creditedAmount = 0 } = event.data;
      const credit =
        creditedAmount > 0 ? `${money(creditedAmount)} is credited` : "without a credit";
      return `${who(author)} resolved the dispute, ${credit}`;
    }
    case "dispute.rejected":
      return `${who(event.data.author)} rejected the dispute, the amount stays payable`;
    case "dispute.withdrawn":
      return `${who(event.data.author)} withdrew the dispute`;
    case "dispute.reopened":
      return `${who(event.data.author)} opened the dispute again`;
  }
}

function updateSentence(move: DisputeMove, { money, who }: Words): string {
  const { from, state, processor, amount, externalId, author } = move;
  if (state !== from) return stateSentence(move, who);
  if (processor) return `Dispute taken up by ${processor}`;
  if (processor === null) return `${who(author)} gave the dispute back to colleagues`;
  if (amount !== undefined) return `Amount in dispute is now ${money(amount)}`;
  if (externalId !== undefined) return `Dispute has the number ${externalId} at ${who(author)}`;
  return `${who(author)} wrote about the dispute`;
}

function stateSentence({ from, state, processor, author }: DisputeMove, who: Words["who"]): string {
  if (state === "under_review") {
    return processor
      ? `Dispute taken up by ${processor}, now under review`
      : `Dispute now under review at ${who(author)}`;
  }
  return from === "waiting_for_customer"
    ? `${who(author)} answered, the dispute is open again`
    : `${who(author)} set the dispute back to open`;
}
