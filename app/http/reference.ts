import { createContext, useContext } from "react";

/** What a failure of this response is called in the log; undefined in the browser. */
export const ReferenceContext = createContext<string | undefined>(undefined);

/** The header and the meta element that carry it to the browser. */
export const referenceHeader = "x-reference";
export const referenceMeta = "reference";

let lastFetched: string | null = null;

/** Keeps what a failed answer of the portal is called in its log. */
export function noteReference(answer: Response): void {
  if (answer.status >= 500) lastFetched = answer.headers.get(referenceHeader);
}

/** What the shown failure is called in the portal's log, for who asks about it; null where it has none. */
export function useReference(): string | null {
  const rendered = useContext(ReferenceContext);
  if (rendered !== undefined) return rendered;
  if (typeof document === "undefined") return null;
  const meta = document.querySelector(`meta[name="${referenceMeta}"]`);
  return lastFetched ?? meta?.getAttribute("content") ?? null;
}
