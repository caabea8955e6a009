import { useSearchParams } from "@remix-run/react";
import { useAnswer } from "./answer.ts";
import { Notice } from "./notice.tsx";

/**
 * What was just done, above the page that the form led back to. Its address says which by `done`, a key
 * of `words`. A form that was refused since then speaks for itself.
 */
export function Done({ words }: { words: Readonly<Record<string, string>> }) {
  const [search] = useSearchParams();
  const answer = useAnswer();
  const told = words[search.get("done") ?? ""];
  return told === undefined || answer !== undefined ? null : <Notice tone="done" title={told} />;
}
