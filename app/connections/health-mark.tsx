import type { ReactNode } from "react";
import { healthWords, type Health } from "#app/words/words.ts";

/** Bars for how a connection is doing; for the console only. */
export function HealthMark({ health, children }: { health: Health; children?: ReactNode }) {
  return (
    <span className={`mark mark--h-${health}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true" stroke="currentColor">
        {shapes[health]}
      </svg>
      <span className="mark__word">{children ?? healthWords[health]}</span>
    </span>
  );
}

const shapes: Record<Health, ReactNode> = {
  working: <path d="M3.5 14V10M8 14V6.5M12.5 14V3" strokeWidth="2.6" />,
  slow: (
    <>
      <path d="M3.5 14V10" strokeWidth="2.6" />
      <path d="M8 13.4V7.1M12.5 13.4V3.6" strokeWidth="1" />
    </>
  ),
  silent: <path d="M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5" strokeWidth="2.2" />,
  waiting: (
    <path d="M3.5 14V11.5M8 14V11.5M12.5 14V11.5" strokeWidth="2" strokeDasharray="1.5 1.5" />
  ),
  failing: <path d="M3.5 14V3M8 14V9M11 6.5 15 10.5M15 6.5 11 10.5" strokeWidth="2" />,
  paused: <path d="M5 3v10M11 3v10" strokeWidth="2.4" />,
  lost: <path d="M2 8h4M10 8h4M8 2.5v3M8 10.5v3" strokeWidth="2.2" />,
};
