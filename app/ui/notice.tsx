import type { ReactNode } from "react";
import { StatusShape } from "./status-mark.tsx";

/** Something of the whole page that is not as it should be; children may end in a link. */
export function Banner({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="banner" aria-live="polite">
      <div className="page row">
        <span className="late medium">{title}</span>
        {children}
      </div>
    </div>
  );
}

/** A line above a list or form: what changed (a link may follow), what was done, what went wrong. */
export function Notice({
  tone = "changed",
  title,
  children,
}: {
  tone?: "changed" | "done" | "late" | "question";
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className={`notice notice--${tone}`} role={tone === "late" ? "alert" : "status"}>
      <span className="mark">
        {tone === "changed" ? <ChangedShape /> : null}
        {tone === "done" ? <StatusShape status="paid" /> : null}
        {tone === "late" || tone === "question" ? <StatusShape status="overdue" /> : null}
        <span>{title}</span>
      </span>
      {children}
    </div>
  );
}

function ChangedShape() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <rect x="6.5" y="2" width="3" height="12" fill="currentColor" />
    </svg>
  );
}

/** Nothing to show: what is the case, why, and what to do (buttons or links as children). */
export function EmptyState({
  title,
  text,
  children,
}: {
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="state__box stack">
      <h2>{title}</h2>
      {text === undefined ? null : <p className="soft measure">{text}</p>}
      {children === undefined ? null : <p className="row">{children}</p>}
    </div>
  );
}
