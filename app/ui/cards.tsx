import type { ReactNode } from "react";
import { RowAnchor } from "./row-anchor.tsx";

/** The rows of a table as a list, shown instead of it below 56 rem; put the table in `wide-only`. */
export function Cards({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className="cards" aria-label={label}>
      {children}
    </ul>
  );
}

/** One row: name and amount, text, reference, then status and date. */
export function Card({
  to,
  name,
  amount,
  text,
  reference,
  status,
  end,
  changed = false,
}: {
  to: string;
  name: ReactNode;
  amount: ReactNode;
  text?: ReactNode;
  reference?: ReactNode;
  status: ReactNode;
  end?: ReactNode;
  changed?: boolean;
}) {
  return (
    <li>
      <RowAnchor to={to} className={changed ? "card is-changed" : "card"}>
        <span className="card__id">{name}</span>
        <span className="num medium card__end">{amount}</span>
        {text === undefined ? null : <span className="card__text">{text}</span>}
        {reference === undefined ? null : <span className="card__po">{reference}</span>}
        <span className="small">{status}</span>
        <span className="small faint card__end">{end}</span>
      </RowAnchor>
    </li>
  );
}
