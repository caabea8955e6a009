import { Link, NavLink } from "@remix-run/react";
import type { ReactNode } from "react";
import { Sign, TabIcon, type Icon } from "./icons.tsx";
import { ReaderContext, type Reader } from "./reader.ts";

export type NavItem = { to: string; label: string; icon: Icon; count?: number | undefined };

/** The frame of every customer page: top bar, tab bar on a phone, footer, and who reads it and how. */
export function CustomerFrame({
  supplier,
  home,
  nav,
  reader,
  live,
  company,
  banner,
  footer,
  children,
}: {
  supplier: { name: string; address?: string | undefined };
  /** Where the sign leads. */
  home: string;
  nav: readonly NavItem[];
  reader: Reader;
  /** The live mark. */
  live?: ReactNode;
  /** The company's name, or what switches between several. */
  company?: ReactNode;
  banner?: ReactNode;
  footer?: readonly { to: string; label: string }[];
  children: ReactNode;
}) {
  return (
    <ReaderContext.Provider value={reader}>
      <a className="skip" href="#content">
        Skip to content
      </a>
      {banner}
      <header className="top">
        <div className="page top__in">
          <Link className="maker" to={home}>
            <Sign name={supplier.name} />
            {supplier.name}
          </Link>
          <nav className="nav" aria-label="Main">
            {nav.map((item) => (
              <NavEntry key={item.to} {...item} />
            ))}
          </nav>
          <div className="top__end">
            {live}
            {company}
          </div>
        </div>
      </header>
      <main id="content" className="page" tabIndex={-1}>
        {children}
      </main>
      <Footer supplier={supplier} links={footer ?? []} />
      <nav className="tabs" aria-label="Main">
        {nav.map(({ to, label, icon }) => (
          <NavLink key={to} to={to}>
            <TabIcon icon={icon} />
            {label}
          </NavLink>
        ))}
      </nav>
    </ReaderContext.Provider>
  );
}

/** The company's name for the frame's company slot, cut when long; `to` is where it can be switched. */
export function CompanyName({ name, to }: { name: string; to?: string }) {
  if (to === undefined) {
    return (
      <span className="who" title={name}>
        {name}
      </span>
    );
  }
  return (
    <Link className="who" to={to} title={name}>
      {name}
    </Link>
  );
}

function NavEntry({ to, label, count }: NavItem) {
  return (
    <NavLink to={to}>
      {label}
      {count === undefined || count === 0 ? null : <span className="count">{count}</span>}
    </NavLink>
  );
}

function Footer({
  supplier,
  links,
}: {
  supplier: { name: string; address?: string | undefined };
  links: readonly { to: string; label: string }[];
}) {
  return (
    <footer className="foot">
      <div className="page foot__in">
        <span>
          {supplier.name}
          {supplier.address === undefined ? null : `, ${supplier.address}`}
        </span>
        {links.map(({ to, label }) => (
          <Link key={to} to={to}>
            {label}
          </Link>
        ))}
      </div>
    </footer>
  );
}
