import { clip } from "#domain/text.ts";
import { Link } from "@remix-run/react";
import { wordsOf } from "#app/words/event-words.ts";
import { TransportMark } from "./transport-mark.tsx";
import { When } from "#app/ui/when.tsx";
import type { Transport } from "#app/words/words.ts";

/** An outbox row as far as a mark needs it. */
export interface SentRow {
  id: string;
  kind: string;
  what: string;
  target: string;
  state: string;
  parked: boolean;
  done: boolean;
  dueAt: string;
  updatedAt: string;
  answer: string | null;
}

/** How far an outbox row got, as the mark's word; null once somebody skipped it. */
export function transportOf({ state, parked, done }: Pick<SentRow, "state" | "parked" | "done">) {
  if (state === "skipped") return null;
  if (parked && !done) return state === "refused" ? "refused" : "parked";
  return isTransport(state) ? state : "queued";
}

function isTransport(state: string): state is Transport {
  return ["queued", "sent", "accepted", "read_back", "refused"].includes(state);
}

/** The mark of a row, or that it was skipped. */
export function RowTransport({ row }: { row: Pick<SentRow, "state" | "parked" | "done"> }) {
  const state = transportOf(row);
  return state === null ? <span className="faint">Skipped</span> : <TransportMark state={state} />;
}

/** What was sent on, row by row, with the mark, the last answer and its time. */
export function SentOn({ rows }: { rows: readonly SentRow[] }) {
  if (rows.length === 0) return <p className="small faint">Nothing was sent on.</p>;
  return (
    <dl className="pairs pairs--lined">
      {rows.map((row) => (
        <div key={row.id}>
          <dt>
            {row.kind === "mail" ? "Mail" : row.target}
            <div className="faint tiny">{wordsOf(row.what).replaceAll("_", " ")}</div>
            {row.kind === "mail" ? <div className="faint tiny breakable">{row.target}</div> : null}
          </dt>
          <dd>
            <RowTransport row={row} />
            <div className="faint tiny">
              {row.answer === null ? null : `${clip(row.answer, 80)}, `}
              <Link to={`/finance/outbox/${row.id}`}>
                <When at={row.updatedAt} form="second" />
              </Link>
            </div>
          </dd>
        </div>
      ))}
    </dl>
  );
}
