import { Form, Link, NavLink, useLocation } from "@remix-run/react";
import type { ReactNode } from "react";
import { useCustomerPath } from "./customer-path.ts";
import { Sign, TabIcon, type Icon } from "#app/ui/icons.tsx";
import { Printed } from "./printed.tsx";
import { ReaderContext, type Reader } from "#app/ui/reader.ts";

export type NavItem = { to: string; label: string; icon: Icon; count?: number | undefined };

/** The frame of every customer page: top bar, tab bar on a phone, footer, and who reads it and how. */
export function CustomerFrame({
  supplier,
  home,
  nav,
  reader,
  live,
  company,
  customer,
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
  /** Whose pages these are, for paper. */
  customer?: string | undefined;
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
            <noscript>
              <span className="live">Not live: load the page again to see what is new</span>
            </noscript>
            {company}
          </div>
        </div>
      </header>
      <main id="content" className="page" tabIndex={-1}>
        {customer === undefined ? null : <Printed supplier={supplier} customer={customer} />}
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

/** The company's name, cut when long, and behind it who is signed in and the way out; no JavaScript. */
export function CompanyMenu({
  name,
  person,
  several,
}: {
  name: string;
  person: string;
  /** Whether the person may act for other companies too. */
  several: boolean;
}) {
  // Going somewhere closes it.
  const { key } = useLocation();
  const pathOf = useCustomerPath();
  return (
    <details className="menu" key={key}>
      <summary className="who" title={name}>
        <span className="who__name">{name}</span>
      </summary>
      <div className="menu__box">
        <p className="small soft">{person}</p>
        {several ? <Link to="/choose-customer">Another company</Link> : null}
        <Link to={pathOf("/settings")}>Settings</Link>
        <SignOut />
      </div>
    </details>
  );
}

function SignOut() {
  return (
    <Form method="post" action="/sign-out" reloadDocument>
      <button className="linklike">Sign out</button>
    </Form>
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
        <SignOut />
      </div>
    </footer>
  );
}
