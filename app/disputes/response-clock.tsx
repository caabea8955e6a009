import { When } from "#app/ui/when.tsx";

export type Clock =
  | { state: "met" | "late_answer"; at: string }
  | { state: "paused" | "ended" }
  | { state: "late" | "running"; leftMs: number };

const hourMs = 3_600_000;

/** "answer in 5 h", "answer 3 h late", "4 days left", "paused". */
export function clockText(clock: Clock): string {
  switch (clock.state) {
    case "met":
    case "late_answer":
      return "answered";
    case "paused":
      return "paused";
    case "ended":
      return "closed";
    case "late":
      return `answer ${span(-clock.leftMs)} late`;
    case "running":
      return clock.leftMs < 24 * hourMs
        ? `answer in ${span(clock.leftMs)}`
        : `${span(clock.leftMs)} left`;
  }
}

/** A length of time in its greatest whole unit. */
export function span(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}

const heads: Record<Clock["state"], string> = {
  met: "First response, met",
  late_answer: "First response, met late",
  paused: "First response, paused while the customer has to answer",
  ended: "Closed without a response",
  late: "First response",
  running: "First response",
};

/** Words first, bar second: how much of the time to the first response is used. */
export function ResponseClockBar({
  clock,
  dueAt,
  used,
}: {
  clock: Clock;
  dueAt: string;
  /** Part of the time, 0 to 1. */
  used: number;
}) {
  const late = clock.state === "late" || clock.state === "late_answer";
  const left = clock.state === "late" ? `, ${span(-clock.leftMs)} late` : "";
  const running = clock.state === "running" ? `, ${clockText(clock)}` : "";
  return (
    <>
      <p className={late ? "small medium late" : "small medium"}>
        {heads[clock.state]}
        {left}
        {running}
      </p>
      <svg
        className="chart"
        viewBox="0 0 200 12"
        preserveAspectRatio="none"
        aria-hidden="true"
        height="12"
      >
        <rect x=".5" y=".5" width="199" height="11" fill="none" stroke="currentColor" />
        <rect
          width={200 * used}
          height="12"
          fill="currentColor"
          opacity={clock.state === "paused" ? 0.35 : 1}
          className={late ? "late" : undefined}
        />
      </svg>
      <p className="tiny faint">
        {"at" in clock ? (
          <>
            <When at={clock.at} />, due <When at={dueAt} />
          </>
        ) : (
          <>
            due <When at={dueAt} zone />
          </>
        )}
      </p>
    </>
  );
}
