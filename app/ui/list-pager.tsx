import { useSearchParams } from "@remix-run/react";
import type { ReactNode } from "react";
import { Pager } from "./filters.tsx";

const cursors = ["before", "after"];

/**
 * The pages of a list of the console. Rows arrive all the time, so the page before is what the browser
 * goes back to; the way to the first one is always there.
 */
export function ListPager({ summary, next }: { summary: ReactNode; next: string | null }) {
  const [search] = useSearchParams();
  const isFirst = cursors.every((name) => !search.has(name));
  const first = new URLSearchParams(search);
  for (const name of [...cursors, "done"]) first.delete(name);
  return <Pager summary={summary} first={isFirst ? null : `?${first}`} next={next} />;
}
