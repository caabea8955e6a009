import { useMatches, useNavigation, useRevalidator } from "@remix-run/react";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { LiveLink } from "./live-mark.tsx";
import type { LiveMessage } from "#server/live/message.ts";
import type { Listeners, ShownPage } from "./live-link.ts";
import { usePaced } from "./paced.ts";

interface Live {
  /** null until the first connection: nothing is known of the link yet. */
  link: LiveLink | null;
  /** What was heard since the page was opened, oldest first. */
  messages: readonly LiveMessage[];
  /** Of the console: what its pages would show now; null until that was heard. */
  state: string | null;
}

const LiveContext = createContext<Live>({ link: null, messages: [], state: null });

/** More than anybody reads; what is older is in the page after its next load. */
const kept = 1000;

/**
 * Keeps one live connection for all pages of a customer or of the desk. It begins behind the oldest
 * `sequence` that the shown loaders give, so that nothing is missed between loading and connecting.
 * Give it a `key` per room: the shown customer, null for the desk.
 */
export function LiveProvider({
  customerId,
  children,
}: {
  customerId: string | null;
  children: ReactNode;
}) {
  const [link, setLink] = useState<LiveLink | null>(null);
  const [messages, setMessages] = useState<readonly LiveMessage[]>([]);
  const [state, setState] = useState<string | null>(null);
  const oldest = useOldestSequence();
  const [first] = useState(oldest);
  const { revalidate } = useRevalidator();
  const reload = useRef(revalidate);
  useEffect(() => {
    reload.current = revalidate;
  }, [revalidate]);
  useEffect(
    () =>
      openWhenPainted(
        { after: first, customer: customerId },
        {
          onLink: setLink,
          onReload: () => reload.current(),
          onState: setState,
          onMessages: (heard) => setMessages((known) => [...known, ...heard].slice(-kept)),
        },
      ),
    [first, customerId],
  );
  const live = useMemo(() => ({ link, messages, state }), [link, messages, state]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

/** The page is readable before the socket's code is asked for. Gives what ends it. */
function openWhenPainted(page: ShownPage, listeners: Listeners): () => void {
  let close = () => {};
  let isEnded = false;
  const open = async () => {
    const [{ io }, { openLink }] = await Promise.all([
      import("socket.io-client"),
      import("./live-link.ts"),
    ]);
    if (!isEnded) close = openLink(io, page, listeners);
  };
  const fail = (error: unknown) => {
    // Without its code the page is not live; it says so, and works.
    listeners.onLink({ link: "not_live", at: new Date().toISOString() });
    throw error;
  };
  const timer = setTimeout(() => void open().catch(fail), 0);
  return () => {
    isEnded = true;
    clearTimeout(timer);
    close();
  };
}

/** The state of the live link. */
export function useLiveLink(): LiveLink | null {
  return useContext(LiveContext).link;
}

/**
 * What happened behind `sequence`, the one that the page's loader read before its rows; oldest first.
 * `invoiceId` narrows it to one invoice.
 */
export function useLive(sequence: number, invoiceId?: string): readonly LiveMessage[] {
  const { messages } = useContext(LiveContext);
  return useMemo(
    () =>
      messages.filter(
        (message) =>
          message.sequence > sequence &&
          (invoiceId === undefined || message.invoice.id === invoiceId),
      ),
    [messages, sequence, invoiceId],
  );
}

/** Loads the page's data again when something happened behind `sequence`. */
export function useFreshPage(sequence: number, invoiceId: string): readonly LiveMessage[] {
  const heard = useLive(sequence, invoiceId);
  useReload(heard.length > 0);
  return heard;
}

/**
 * Keeps all that a console page shows as it is now. `shown` is the state that its loaders began with,
 * null for a page that does not want it.
 */
export function useFreshConsole(shown: string | null): void {
  const { state } = useContext(LiveContext);
  useReload(state !== null && shown !== null && state !== shown);
}

const reloadPauseMs = 3_000;

/** Loads the page's data again while it is old: one load after the other, at most every three seconds. */
function useReload(isOld: boolean): void {
  const { revalidate, state } = useRevalidator();
  const isIdle = useNavigation().state === "idle" && state === "idle";
  const paced = usePaced(reloadPauseMs);
  useEffect(
    () => (isOld && isIdle ? paced(revalidate) : undefined),
    [isOld, isIdle, paced, revalidate],
  );
}

function useOldestSequence(): number {
  const sequences = useMatches().flatMap(({ data }) => sequenceOf(data) ?? []);
  return Math.min(...sequences);
}

function sequenceOf(data: unknown): number | null {
  if (typeof data !== "object" || data === null || !("sequence" in data)) return null;
  return typeof data.sequence === "number" ? data.sequence : null;
}
