import type { ReactNode } from "react";

export type Fact = { term: string; value: ReactNode; note?: ReactNode };

/** Facts side by side under an ink line, as on an invoice's head. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(({ term, value, note }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>
            {value}
            {note === undefined ? null : <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Facts below each other, term at the start and value at the end; `start` keeps both at the start. */
export function Pairs({
  facts,
  lined,
  start,
}: {
  facts: readonly Fact[];
  lined?: true;
  start?: true;
}) {
  const kinds = [lined && "pairs--lined", start && "pairs--start"].filter(Boolean);
  return (
    <dl className={["pairs", ...kinds].join(" ")}>
      {facts.map(({ term, value, note }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>
            {value}
            {note === undefined ? null : <div className="faint tiny">{note}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
