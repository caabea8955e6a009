import { Link } from "@remix-run/react";
import { type ReactNode, useRef } from "react";
import { useSeen } from "./seen.ts";
import { RowAnchor } from "./row-anchor.tsx";

type Kind = {
  /** Columns hold several currencies: decimal points line up (use Money as="aligned"). */
  mixed?: true;
  /** Columns keep the widths that their `col` gives them, whatever is in them. */
  fixed?: true;
  /** Rows lead nowhere, so they do not answer to the pointer. */
  plain?: true;
  /** Below 56 rem each row becomes a block of lines; give cells `full`, `lead`, `wide-only` or a label. */
  stacked?: true;
  /** Rows begin with a box to tick and hold a field. */
  picking?: true;
};

/** A table with a heading for screen readers. Children are thead, tbody and tfoot. */
export function LedgerTable({
  caption,
  children,
  mixed,
  fixed,
  plain,
  stacked,
  picking,
}: Kind & { caption: string; children: ReactNode }) {
  const kinds = [
    mixed && "mix",
    fixed && "ledger--fixed",
    plain && "ledger--plain",
    stacked && "stacked",
    picking && "pickline",
  ].filter(Boolean);
  return (
    <table className={["ledger", ...kinds].join(" ")}>
      <caption>
        <span className="sr">{caption}</span>
      </caption>
      {children}
    </table>
  );
}

/** The head of a column. */
export function Th({ numeric, children }: { numeric?: true; children: ReactNode }) {
  return (
    <th scope="col" className={numeric && "num"}>
      {children}
    </th>
  );
}

/** The head of a column of buttons, which speaks to screen readers alone. */
export function ActionTh() {
  return (
    <Th>
      <span className="sr">Action</span>
    </Th>
  );
}

/** The head of a column that sorts. `to` is the address with the other order; `sorted` the present one. */
export function SortTh({
  to,
  sorted,
  numeric,
  children,
}: {
  to: string;
  sorted?: "ascending" | "descending" | undefined;
  numeric?: true;
  children: ReactNode;
}) {
  return (
    <th scope="col" className={numeric && "num"} aria-sort={sorted}>
      <Link to={to} className="ledger__sort" preventScrollReset>
        {children}
        {sorted === undefined ? null : (
          <span aria-hidden="true">{sorted === "ascending" ? " ↑" : " ↓"}</span>
        )}
      </Link>
    </th>
  );
}

/**
 * A row. `changed` draws the rule in its gutter; its changed cells say so themselves. The number of the
 * change, if given, lets their wash go once it was in view for a while.
 */
export function Row({
  changed = false,
  selected = false,
  children,
}: {
  changed?: boolean | number;
  selected?: boolean;
  children: ReactNode;
}) {
  const row = useRef<HTMLTableRowElement>(null);
  const seen = useSeen(row, typeof changed === "number" ? changed : null);
  const look = seen ? "is-changed is-seen" : "is-changed";
  return (
    <tr
      ref={row}
      className={changed === false ? undefined : look}
      aria-selected={selected || undefined}
    >
      {children}
    </tr>
  );
}

/** A cell. `was` is the second line of one that changed, "was Open until 15:03:22"; others are `changed`. */
export function Td({
  numeric,
  phone,
  label,
  was,
  changed = was !== undefined,
  tone,
  children,
}: {
  numeric?: true;
  /** In a stacked table on a phone: a whole line, the first of the line, or not shown. */
  phone?: "full" | "lead" | "hidden";
  /** Said before the value in a stacked table on a phone. */
  label?: string;
  was?: ReactNode;
  changed?: boolean;
  tone?: "soft" | "faint" | "late" | "medium" | undefined;
  children?: ReactNode;
}) {
  const classes = [
    numeric && "num",
    phone && { full: "full", lead: "lead", hidden: "wide-only" }[phone],
    tone,
    changed && "is-new",
  ].filter(Boolean);
  return (
    <td className={classes.join(" ") || undefined} data-label={label}>
      {children}
      {was === undefined ? null : <small className="was">{was}</small>}
    </td>
  );
}

/** The name of a row's thing, leading to it; `text` is the second line, cut where it is too long. */
export function RowLink({
  to,
  children,
  text,
}: {
  to: string;
  children: ReactNode;
  text?: string;
}) {
  return (
    <>
      <RowAnchor to={to} className="ledger__id">
        {children}
      </RowAnchor>
      {text === undefined ? null : (
        <small className="cut" title={text}>
          <bdi>{text}</bdi>
        </small>
      )}
    </>
  );
}
