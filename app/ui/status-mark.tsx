import type { ReactNode } from "react";
import { statusWord, statusWords, type Status } from "#app/words/words.ts";

const Ring = () => (
  <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
);
const Disc = () => <circle cx="8" cy="8" r="7" fill="currentColor" />;

/** A circle for what is the case with the money. `settledShare` (0 to 1) fills a partially settled one. */
export function StatusMark({
  status,
  paid,
  settledShare = 0.5,
  lateDays,
  children,
}: {
  status: Status;
  /** Minor units; tells "Partially paid" from "Partly settled". */
  paid: number;
  settledShare?: number;
  /** Whole days past the due date: "Overdue, 7 days". */
  lateDays?: number | undefined;
  /** Other words than the state's own. */
  children?: ReactNode;
}) {
  return (
    <span className={`mark mark--${status}`}>
      <StatusShape status={status} settledShare={settledShare} />
      <span className="mark__word">{children ?? wordFor({ status, paid }, lateDays)}</span>
    </span>
  );
}

/** The circle alone, for a timeline or beside a sentence that says the word. */
export function StatusShape({
  status,
  settledShare = 0.5,
}: {
  status: Status;
  settledShare?: number;
}) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      {shapeFor(status, settledShare)}
    </svg>
  );
}

function wordFor(invoice: { status: Status; paid: number }, lateDays: number | undefined) {
  if (invoice.status !== "overdue" || !lateDays || lateDays < 1) {
    return statusWord(invoice);
  }
  return `${statusWords.overdue}, ${lateDays} ${lateDays === 1 ? "day" : "days"}`;
}

function shapeFor(status: Status, settledShare: number) {
  switch (status) {
    case "draft":
      return <circle {...dashed} cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" />;
    case "open":
      return <Ring />;
    case "partially_paid":
      return (
        <>
          <Ring />
          <path d={slice(settledShare)} fill="currentColor" />
        </>
      );
    case "paid":
      return (
        <>
          <Disc />
          <path {...inside} d="M4.9 8.2 7.1 10.4 11.2 5.9" strokeWidth="1.8" />
        </>
      );
    case "overdue":
      return (
        <>
          <Disc />
          <path {...inside} d="M8 4.2V8.6" strokeWidth="2" />
          <rect x="7" y="10.6" width="2" height="2" fill="var(--paper)" />
        </>
      );
    case "void":
      return (
        <>
          <Ring />
          <path d="M3.8 12.2 12.2 3.8" stroke="currentColor" strokeWidth="1.6" />
        </>
      );
    case "written_off":
      return (
        <>
          <Ring />
          <path d="M4.8 8h6.4" stroke="currentColor" strokeWidth="1.8" />
        </>
      );
  }
}

const dashed = { strokeWidth: 1.5, strokeDasharray: "2.4 2" };
const inside = { fill: "none", stroke: "var(--paper)", strokeLinecap: "square" } as const;

/** A slice of the inner circle, clockwise from the top; never quite empty and never quite full. */
function slice(share: number) {
  const turn = Math.min(Math.max(share, 0.04), 0.96) * 2 * Math.PI;
  const x = (8 + 4.2 * Math.sin(turn)).toFixed(2);
  const y = (8 - 4.2 * Math.cos(turn)).toFixed(2);
  return `M8 8V3.8A4.2 4.2 0 ${turn > Math.PI ? 1 : 0} 1 ${x} ${y}Z`;
}
