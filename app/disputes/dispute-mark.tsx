import type { ReactNode } from "react";
import { disputeWords, type DisputeWord } from "#app/words/words.ts";

type DisputeState = Exclude<DisputeWord, "none">;

/**
 * A diamond for what is the case with the disagreement. Only the one that waits for this reader has a
 * coloured word, so `reader` says who reads. Gives nothing for an invoice without a dispute.
 */
export function DisputeMark({
  state,
  reader,
  children,
}: {
  state: DisputeWord;
  reader: "customer" | "supplier";
  /** Other words than the state's own, e.g. from `invoiceDisputeWords`. */
  children?: ReactNode;
}) {
  if (state === "none") return null;
  const mine = state === "waiting_for_customer" && reader === "customer";
  return (
    <span className={`mark mark--d-${mine ? "waiting" : state}`}>
      <DisputeShape state={state} />
      <span className="mark__word">
        {mine ? "Waiting for you" : (children ?? disputeWords[state])}
      </span>
    </span>
  );
}

/** The diamond alone. */
export function DisputeShape({ state }: { state: DisputeState }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      {shapeFor(state)}
    </svg>
  );
}

const line = { d: "M8 1.4 14.6 8 8 14.6 1.4 8Z", fill: "none", stroke: "currentColor" };
const full = "M8 .6 15.4 8 8 15.4.6 8Z";
const inside = {
  fill: "none",
  stroke: "var(--paper)",
  strokeWidth: 1.6,
  strokeLinecap: "square",
} as const;

function shapeFor(state: DisputeState) {
  switch (state) {
    case "open":
      return <path {...line} strokeWidth="1.6" />;
    case "under_review":
      return (
        <>
          <path {...line} strokeWidth="1.6" />
          <path d="M8 1.4 1.4 8 8 14.6Z" fill="currentColor" />
        </>
      );
    case "waiting_for_customer":
      return (
        <>
          <path {...line} strokeWidth="1.6" />
          <path d="M8 5.2 10.8 8 8 10.8 5.2 8Z" fill="currentColor" />
        </>
      );
    case "resolved":
      return (
        <>
          <path d={full} fill="currentColor" />
          <path {...inside} d="M5.2 8.2 7.2 10.1 10.9 6.2" />
        </>
      );
    case "rejected":
      return (
        <>
          <path d={full} fill="currentColor" />
          <path {...inside} d="M6 6 10 10M10 6 6 10" />
        </>
      );
    case "withdrawn":
      return <path {...line} strokeWidth="1.5" strokeDasharray="2.4 2" />;
  }
}
