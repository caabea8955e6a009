import { moneyText } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { When } from "#app/ui/when.tsx";
import { type DisputeWord, disputeWords } from "#app/words/words.ts";
import { wordsOf } from "#app/words/event-words.ts";

export interface TalkItem {
  sequence: number;
  kind: "message" | "note" | "step";
  side: "customer" | "supplier" | null;
  author: string;
  at: string;
  type: string;
  text: string;
  state: DisputeWord | null;
  creditedAmount: number | null;
}

/** The conversation of a dispute as finance sees it; an internal note has its own ground and says so. */
export function CaseTalk({
  items,
  customer,
  supplier,
  currency,
}: {
  items: readonly TalkItem[];
  customer: string;
  supplier: string;
  currency: string;
}) {
  const side = { customer, supplier };
  return (
    <ol className="talk">
      {items.map((item) => (
        <li key={item.sequence} className={item.kind === "note" ? "talk__note" : undefined}>
          <p className="talk__who">
            {item.author}{" "}
            <span>
              {item.kind === "note" ? "internal note, the customer never sees it" : null}
              {item.kind === "message" && item.side !== null ? side[item.side] : null}
              {item.kind === "step" ? <StepWords item={item} currency={currency} /> : null}
            </span>
          </p>
          <When at={item.at} form="second" />
          {item.text === "" ? null : <p className="small talk__text">{item.text}</p>}
        </li>
      ))}
    </ol>
  );
}

function StepWords({ item, currency }: { item: TalkItem; currency: string }) {
  const { locale } = useReader();
  const isUpdate = item.type === "dispute.updated" && item.state !== null;
  const words = isUpdate && item.state ? disputeWords[item.state] : wordsOf(item.type);
  if (item.creditedAmount === null) return words;
  return `${words}, ${moneyText({ amount: item.creditedAmount, currency }, locale)} credited`;
}
