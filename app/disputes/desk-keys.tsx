import { useLocation, useNavigate } from "@remix-run/react";
import { useEffect, useId, useRef, useSyncExternalStore } from "react";

const storageKey = "desk-keys";
const changed = "desk-keys-changed";

const keys = [
  ["J", "Next dispute"],
  ["K", "Previous dispute"],
  ["/", "Search"],
  ["T", "Take it, or give it back"],
  ["R", "Reply to the customer"],
  ["A", "Ask the customer"],
  ["E", "Resolve"],
  ["X", "Reject"],
  ["N", "Internal note"],
  ["Ctrl Enter", "Send what you wrote"],
  ["Esc", "Leave the text, which is kept"],
  ["?", "These keys"],
] as const;

/** Whether this browser uses the keys of the desk; null until the page runs, for nothing works then. */
export function useDeskKeys(): "on" | "off" | null {
  return useSyncExternalStore(
    subscribe,
    () => (localStorage.getItem(storageKey) === "off" ? "off" : "on"),
    () => null,
  );
}

function subscribe(listener: () => void): () => void {
  const names = ["storage", changed];
  for (const name of names) window.addEventListener(name, listener);
  return () => {
    for (const name of names) window.removeEventListener(name, listener);
  };
}

/** The keys of the desk: what is below the queue, the sheet of all keys, and what each does. */
export function DeskKeys({
  paths,
  current,
}: {
  /** Addresses of the queue's disputes, in its order. */
  paths: readonly string[];
  /** The one that is shown, -1 for none of them. */
  current: number;
}) {
  const state = useDeskKeys();
  const sheet = useRef<HTMLDialogElement>(null);
  const showSheet = () => sheet.current?.showModal();
  const act = useActions({ paths, current, showSheet });
  useEffect(() => {
    if (state !== "on") return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (leavesOrSends(event)) return event.preventDefault();
      if (isTyping(event)) return;
      const action = act[event.key.toLowerCase()];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
  if (state === null) return null;
  return (
    <>
      <p className="keys queue__keys">
        {state === "off" ? null : (
          <>
            <span>
              <kbd>J</kbd> <kbd>K</kbd> next, previous
            </span>
            <span>
              <kbd>/</kbd> search
            </span>
          </>
        )}
        <button type="button" className="linklike" onClick={showSheet}>
          {state === "off" ? (
            "Keys are off"
          ) : (
            <>
              <kbd>?</kbd> all keys
            </>
          )}
        </button>
      </p>
      <Sheet sheet={sheet} isOn={state === "on"} />
    </>
  );
}

function useActions(desk: {
  paths: readonly string[];
  current: number;
  showSheet: () => void;
}): Partial<Record<string, () => void>> {
  const navigate = useNavigate();
  const { key } = useLocation();
  const writes = useRef(false);
  useEffect(() => {
    document.querySelector(".ticket[aria-current]")?.scrollIntoView({ block: "nearest" });
    if (!writes.current) return;
    writes.current = false;
    document.querySelector<HTMLElement>("#compose form :is(.input, textarea)")?.focus();
  }, [key]);
  // The one that is shown left the queue, as when it was closed: the next one stands in its place now.
  const place = useRef(0);
  useEffect(() => {
    if (desk.current >= 0) place.current = desk.current;
  }, [desk]);
  const goTo = (index: number) => {
    const path = desk.paths[index];
    if (path !== undefined) navigate(path, { preventScrollReset: true });
  };
  const write = (kind: string) => {
    const path = desk.paths[desk.current];
    const { origin, href } = window.location;
    const url = new URL(path ?? href, origin);
    url.searchParams.set("write", kind);
    writes.current = true;
    navigate(url.pathname + url.search, { preventScrollReset: true });
  };
  return {
    j: () => goTo(desk.current < 0 ? place.current : desk.current + 1),
    k: () => goTo((desk.current < 0 ? place.current : desk.current) - 1),
    t: take,
    r: () => write("answer"),
    a: () => write("ask"),
    e: () => write("resolve"),
    x: () => write("reject"),
    n: () => write("note"),
    "/": () => document.querySelector<HTMLElement>("#desk-search")?.focus(),
    "?": desk.showSheet,
  };
}

/** Takes the dispute, or gives it back; a colleague's is asked about first. */
function take(): void {
  document.querySelector<HTMLFormElement>("#take")?.requestSubmit();
  document.querySelector<HTMLElement>(".side .ask > summary")?.click();
}

/** In a field of the desk: Escape leaves it, Ctrl or Cmd with Enter sends its form. True once it did. */
function leavesOrSends({ key, target, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement) || target.closest(".desk :is(input, textarea)") === null) {
    return false;
  }
  if (key === "Escape") {
    target.blur();
    return true;
  }
  const form = target.closest<HTMLFormElement>("#compose form");
  if (key !== "Enter" || !(ctrlKey || metaKey) || form === null) return false;
  form.requestSubmit();
  return true;
}

function isTyping({ target, defaultPrevented, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (defaultPrevented || ctrlKey || metaKey || altKey) return true;
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, dialog, [contenteditable]") !== null
  );
}

function Sheet({ sheet, isOn }: { sheet: React.RefObject<HTMLDialogElement>; isOn: boolean }) {
  const id = useId();
  return (
    <dialog ref={sheet} className="sheet-keys" aria-labelledby={id}>
      <h2 id={id}>Keys of the desk</h2>
      <dl className="pairs pairs--lined">
        {keys.map(([key, words]) => (
          <div key={key}>
            <dt>{words}</dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
      <label className="choice">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ target }) => {
            localStorage.setItem(storageKey, target.checked ? "on" : "off");
            window.dispatchEvent(new Event(changed));
          }}
        />
        <span className="choice__text">
          Use these keys
          <small>They rest while you type. This browser remembers it.</small>
        </span>
      </label>
      <form method="dialog">
        <button className="btn">Close</button>
      </form>
    </dialog>
  );
}
