import { Link } from "@remix-run/react";
import { useState, useSyncExternalStore } from "react";
import { dropDraft, isSaid, readDraft } from "#app/ui/draft.ts";
import { Notice } from "#app/ui/notice.tsx";

/**
 * What somebody was writing to a customer when the dispute was closed by somebody else: it is said and
 * shown, and can be taken along when the dispute is opened again (`reopen`) or thrown away.
 */
export function Leftover({
  draft,
  said,
  reopen,
}: {
  draft: string;
  said: readonly string[];
  /** The address that opens it again with these words. */
  reopen: string;
}) {
  const [isDropped, setDropped] = useState(false);
  const text = useSyncExternalStore(
    never,
    () => {
      const kept = readDraft(draft);
      return isSaid(kept, said) ? "" : kept;
    },
    () => "",
  );
  if (text === "" || isDropped) return null;
  const forget = () => {
    dropDraft(draft);
    setDropped(true);
  };
  return (
    <Notice
      tone="question"
      title="This dispute was closed while you were writing. Nothing was sent."
    >
      <p className="small talk__text">{text}</p>
      <span className="row small">
        <Link to={reopen} preventScrollReset>
          Open it again with these words
        </Link>
        <button type="button" className="linklike" onClick={forget}>
          Throw them away
        </button>
      </span>
    </Notice>
  );
}

/** Only this page writes drafts, and not while this is shown. */
function never(): () => void {
  return () => {};
}
