import type { ReactNode } from "react";
import { useReader } from "#app/ui/reader.ts";
import { timeText } from "#app/ui/when.tsx";

/** The state of the live link: `at` is the last event or heartbeat, `behind` how many events are missing. */
export type LiveLink =
  | { link: "live"; at: string }
  | { link: "catching_up"; behind: number }
  | { link: "not_live"; at: string };

export function LiveMark({ state }: { state: LiveLink }) {
  const reader = useReader();
  const time = state.link === "catching_up" ? "" : timeText(state.at, "clock", reader, true);
  return (
    <output className={`live live--${state.link}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[state.link]}
      </svg>
      <span suppressHydrationWarning>
        {state.link === "live" ? `Live, ${time}` : null}
        {state.link === "not_live" ? `Not live, as of ${time}` : null}
        {state.link === "catching_up" ? `Catching up, ${events(state.behind)}` : null}
      </span>
    </output>
  );
}

function events(behind: number) {
  return behind === 1 ? "1 event" : `${behind} events`;
}

const shapes: Record<LiveLink["link"], ReactNode> = {
  live: <circle cx="8" cy="8" r="6" fill="currentColor" />,
  catching_up: (
    <circle
      cx="8"
      cy="8"
      r="6"
      fill="none"
      stroke="currentColor"
      strokeWidth="3"
      strokeDasharray="6 4"
    />
  ),
  not_live: <path d="M3 3 13 13M13 3 3 13" stroke="currentColor" strokeWidth="3" />,
};
