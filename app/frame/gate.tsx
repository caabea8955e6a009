import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Sign } from "#app/ui/icons.tsx";
import { ReaderContext, type Reader } from "#app/ui/reader.ts";

/** The page of somebody who is not in yet: a form at the start, what to expect at the end. */
export function Gate({
  supplier,
  reader,
  title,
  text,
  side,
  children,
}: {
  supplier: string;
  reader: Reader;
  title: string;
  text: ReactNode;
  side?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <ReaderContext.Provider value={reader}>
      <div className="gate">
        <main id="content" className="gate__form">
          <Link className="maker" to="/sign-in">
            <Sign name={supplier} />
            {supplier}
          </Link>
          <div className="gate__box">
            <h1>{title}</h1>
            <p className="soft gate__text">{text}</p>
            {children}
          </div>
          <p className="tiny faint">
            We never ask for a password, and never for bank details by e-mail.
          </p>
        </main>
        <aside className="gate__side">{side}</aside>
      </div>
    </ReaderContext.Provider>
  );
}
