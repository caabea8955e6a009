import { Link, useLocation, useNavigation } from "@remix-run/react";
import { createContext, Fragment, useContext, useEffect, useRef, type ReactNode } from "react";
import { Sign } from "#app/ui/icons.tsx";
import { ReaderContext, type Reader } from "#app/ui/reader.ts";

export type RailItem = { to: string; label: string; count?: number | undefined };
export type RailSection = { title?: string; items: readonly RailItem[] };

const LiveSlot = createContext<ReactNode>(null);

/** The frame of the finance console: a rail with its sections, a strip on a phone. Children start with WorkHead. */
export function ConsoleFrame({
  supplier,
  home,
  sections,
  reader,
  live,
  user,
  children,
}: {
  supplier: { name: string };
  home: string;
  sections: readonly RailSection[];
  reader: Reader;
  /** The live mark; WorkHead shows it. */
  live?: ReactNode;
  /** Who is signed in, at the foot of the rail. */
  user: ReactNode;
  children: ReactNode;
}) {
  const current = useSection(sections);
  const isLoading = useNavigation().state === "loading";
  return (
    <ReaderContext.Provider value={reader}>
      <LiveSlot.Provider value={live}>
        <a className="skip" href="#content">
          Skip to content
        </a>
        <div className="console">
          <aside className="rail">
            <Link className="maker" to={home}>
              <Sign name={supplier.name} />
              {supplier.name}
            </Link>
            <nav aria-label="Finance">
              {sections.map(({ title, items }) => (
                <Fragment key={title ?? "first"}>
                  {title === undefined ? null : <h2>{title}</h2>}
                  {items.map((item) => (
                    <RailEntry key={item.to} {...item} isCurrent={item.to === current} />
                  ))}
                </Fragment>
              ))}
            </nav>
            <div className="rail__foot">{user}</div>
          </aside>
          <main id="content" className="work" tabIndex={-1} aria-busy={isLoading}>
            {children}
          </main>
        </div>
      </LiveSlot.Provider>
    </ReaderContext.Provider>
  );
}

/** The section of the present address: of those that it lies in, the one that says most. */
function useSection(sections: readonly RailSection[]): string | undefined {
  const { pathname } = useLocation();
  const all = sections.flatMap(({ items }) => items.map(({ to }) => to));
  const around = all.filter((to) => pathname === to || pathname.startsWith(`${to}/`));
  return around.sort((a, b) => b.length - a.length)[0];
}

function RailEntry({ to, label, count, isCurrent }: RailItem & { isCurrent: boolean }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // On a phone the rail is a strip: the present section must not be beyond its edge.
    if (isCurrent) link.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [isCurrent]);
  return (
    <Link ref={link} to={to} aria-current={isCurrent ? "page" : undefined}>
      {label}
      {count === undefined || count === 0 ? null : <span className="count">{count}</span>}
    </Link>
  );
}

/**
 * The head of a console page: title, one line that sums up, then links or buttons, and the live mark;
 * `still` for a page that is filled in, where nothing is live.
 */
export function WorkHead({
  title,
  summary,
  still,
  children,
}: {
  title: string;
  summary?: ReactNode;
  still?: true;
  children?: ReactNode;
}) {
  const live = useContext(LiveSlot);
  return (
    <header className="work__head">
      <h1>{title}</h1>
      {summary === undefined ? null : <span className="soft">{summary}</span>}
      {children}
      {still ? null : live}
    </header>
  );
}

/** Everything below the head of a console page that has no desk. */
export function WorkBody({ children }: { children: ReactNode }) {
  return <div className="work__body">{children}</div>;
}
