import type { ReactNode } from "react";
import { transportWords, type Transport } from "#app/words/words.ts";

const reached: Record<Transport, number> = {
  queued: 1,
  sent: 2,
  accepted: 3,
  read_back: 4,
  refused: 2,
  parked: 1,
};
const stops = [1.25, 13.25, 25.25, 37.25];

/** Four squares on a line for how far a mail or a write-back got. `detail` is the answer or its time. */
export function TransportMark({ state, detail }: { state: Transport; detail?: ReactNode }) {
  const stopped = state === "refused" || state === "parked";
  return (
    <span className={`mark mark--t mark--t-${state}`}>
      <svg viewBox="0 0 44 12" aria-hidden="true">
        <path d="M3 6H41" stroke="currentColor" strokeWidth="1" />
        {stops.map((x, index) => (
          <rect
            key={x}
            x={x}
            y="2.75"
            width="6.5"
            height="6.5"
            fill={index < reached[state] ? "currentColor" : "var(--paper)"}
            stroke="currentColor"
            strokeWidth="1"
          />
        ))}
        {stopped ? <Cross at={reached[state]} /> : null}
      </svg>
      <span className="mark__word">
        {transportWords[state]}
        {detail === undefined ? null : <span className="faint">, {detail}</span>}
      </span>
    </span>
  );
}

/** Stands where the next square would have been filled. */
function Cross({ at }: { at: number }) {
  const x = at * 12;
  return (
    <>
      <rect x={x + 0.5} y="1" width="9" height="10" fill="var(--paper)" />
      <path d={`M${x + 1} 2.5l7 7m0-7-7 7`} stroke="currentColor" strokeWidth="1.8" />
    </>
  );
}
