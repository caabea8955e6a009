import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { numberFormat } from "./intl.ts";
import { useReader } from "./reader.ts";

/** What a list is narrowed to. Each chip is a link to the address without its parameter. */
export function FilterChips({
  filters,
  children,
}: {
  filters: readonly { name: string; value: ReactNode; without: string }[];
  /** What adds a filter, at the end. */
  children?: ReactNode;
}) {
  return (
    <div className="chips chips--scroll">
      {filters.map(({ name, value, without }) => (
        <Link key={name} to={without} className="chip" preventScrollReset>
          <span>{name}</span>
          <b>{value}</b>
          <span aria-hidden="true">×</span>
          <span className="sr">, remove this filter</span>
        </Link>
      ))}
      {children}
    </div>
  );
}

/** Views of one list, as links. */
export function Tabs({
  label,
  tabs,
}: {
  label: string;
  tabs: readonly { to: string; label: string; count?: number | undefined; current: boolean }[];
}) {
  const { locale } = useReader();
  return (
    <nav className="views" aria-label={label}>
      {tabs.map(({ to, label, count, current }) => (
        <Link key={to} to={to} aria-current={current ? "page" : undefined}>
          {label}
          {count === undefined ? null : (
            <span className="count"> {numberFormat(locale).format(count)}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}

/** Keyset pages: only the neighbours are known. `summary` says what is shown, "50 of 1,248 invoices". */
export function Pager({
  summary,
  first,
  previous,
  next,
}: {
  summary: ReactNode;
  /** The address of the first page, where only that is known of what came before. */
  first?: string | null;
  /** Addresses, or null at an end. */
  previous?: string | null;
  next: string | null;
}) {
  return (
    <nav className="pager" aria-label="Pages">
      <span>{summary}</span>
      <span className="row">
        {first ? <Link to={first}>« First</Link> : null}
        {previous ? (
          <Link to={previous} rel="prev">
            ‹ Previous
          </Link>
        ) : null}
        {next === null ? null : (
          <Link to={next} rel="next">
            Next ›
          </Link>
        )}
      </span>
    </nav>
  );
}
