import { Link } from "@remix-run/react";
import type { ReactNode } from "react";

/**
 * A console page of three columns: a queue, the case that is open, its facts. Stacked on a phone, where
 * an open case (`isCase`) leaves only its own row of the queue.
 */
export function Desk({ isCase, children }: { isCase: boolean; children: ReactNode }) {
  return <div className={isCase ? "desk desk--case" : "desk"}>{children}</div>;
}

/** The first column. `tools` is a search; below are Tickets. */
export function Queue({
  label,
  tools,
  children,
}: {
  label: string;
  tools?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="queue" aria-label={label}>
      {tools === undefined ? null : <div className="queue__tools">{tools}</div>}
      {children}
    </section>
  );
}

/** One row of a queue: who and how much, what and until when, the mark. `late` colours the deadline. */
export function Ticket({
  to,
  name,
  amount,
  text,
  deadline,
  late = false,
  mark,
  current,
}: {
  to: string;
  name: string;
  amount?: ReactNode;
  text: ReactNode;
  deadline?: ReactNode;
  late?: boolean;
  mark?: ReactNode;
  current: boolean;
}) {
  return (
    <Link to={to} className="ticket" aria-current={current ? "true" : undefined}>
      <span className="ticket__name" title={name}>
        {name}
      </span>
      <span className="num">{amount}</span>
      <span className="tiny">{text}</span>
      <span className={late ? "tiny late medium" : "tiny faint"}>{deadline}</span>
      <span className="tiny">{mark}</span>
      <span />
    </Link>
  );
}

/** The second column. Its parts are plain `section`s with an `h3`. */
export function Case({
  title,
  text,
  marks,
  wide,
  children,
}: {
  title: string;
  text?: ReactNode;
  marks?: ReactNode;
  /** Hidden on a phone. */
  wide?: true | undefined;
  children: ReactNode;
}) {
  return (
    <section className={wide ? "case wide-only" : "case"} aria-label={title}>
      <div className="case__head">
        <div>
          <h2>{title}</h2>
          {text === undefined ? null : <p className="soft">{text}</p>}
        </div>
        {marks === undefined ? null : <p className="marks">{marks}</p>}
      </div>
      {children}
    </section>
  );
}

/** The third column. Its parts are plain `section`s with an `h3`. */
export function Side({
  label,
  wide,
  children,
}: {
  label: string;
  /** Hidden on a phone. */
  wide?: true | undefined;
  children: ReactNode;
}) {
  return (
    <aside className={wide ? "side wide-only" : "side"} aria-label={label}>
      {children}
    </aside>
  );
}
