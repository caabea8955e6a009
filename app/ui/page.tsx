import { Link } from "@remix-run/react";
import { useId, type ReactNode } from "react";

/** The head of a customer's page: title first, then one sentence, actions at the end. */
export function PageHead({
  title,
  text,
  back,
  actions,
}: {
  title: ReactNode;
  text?: ReactNode;
  back?: { to: string; label: string };
  actions?: ReactNode;
}) {
  return (
    <header className="head">
      {back === undefined ? null : (
        <Link className="back" to={back.to}>
          ‹ {back.label}
        </Link>
      )}
      <div>
        <h1>{title}</h1>
        {text === undefined ? null : <p>{text}</p>}
      </div>
      {actions === undefined ? null : <div className="head__acts">{actions}</div>}
    </header>
  );
}

/** A section with a margin column: title, note and links beside the content. */
export function Section({
  title,
  note,
  links,
  children,
}: {
  title: string;
  note?: ReactNode;
  links?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="sec" aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <p className="sec__note">{note}</p>}
        {links === undefined ? null : <p className="sec__links">{links}</p>}
      </div>
      <div>{children}</div>
    </section>
  );
}

/** A section of a page with facts at its side, or of the console; `note` stands across from the title. */
export function Block({
  title,
  note,
  children,
}: {
  title: string;
  note?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="block" aria-labelledby={id}>
      <div className="block__head">
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span className="small">{note}</span>}
      </div>
      {children}
    </section>
  );
}

/**
 * Content with a column of facts. `first` is the part of the column that moves above the content on a
 * phone; the rest goes below it.
 */
export function Split({
  children,
  first,
  aside,
}: {
  children: ReactNode;
  first?: ReactNode;
  aside?: ReactNode;
}) {
  return (
    <div className="split">
      <div>{children}</div>
      <div className="aside">
        {first === undefined ? null : <section className="aside__first">{first}</section>}
        {aside}
      </div>
    </div>
  );
}
