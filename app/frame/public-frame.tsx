import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Sign } from "#app/ui/icons.tsx";
import { ReaderContext, type Reader } from "#app/ui/reader.ts";

/** The frame of a page that everybody may open, signed in or not. */
export function PublicFrame({
  supplier,
  reader,
  children,
}: {
  supplier: { name: string; address: string };
  reader: Reader;
  children: ReactNode;
}) {
  return (
    <ReaderContext.Provider value={reader}>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="top">
        <div className="page top__in">
          <Link className="maker" to="/">
            <Sign name={supplier.name} />
            {supplier.name}
          </Link>
        </div>
      </header>
      <main id="content" className="page" tabIndex={-1}>
        {children}
      </main>
      <footer className="foot">
        <div className="page foot__in">
          <span>{[supplier.name, supplier.address].filter(Boolean).join(", ")}</span>
        </div>
      </footer>
    </ReaderContext.Provider>
  );
}
