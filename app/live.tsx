import { useMatches, useRevalidator } from "@remix-run/react";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { LiveLink } from "#app/components/live-mark.tsx";
import type { LiveMessage } from "#server/live/message.ts";
import { openLink } from "./live-link.ts";

interface Live {
  /** null until the first connection: nothing is known of the link yet. */
  link: LiveLink | null;
  /** What was heard since the page was opened, oldest first. */
  messages: readonly LiveMessage[];
}

const LiveContext = createContext<Live>({ link: null, messages: [] });

/** More than anybody reads; what is older is in the page after its next load. */
const kept = 1000;

/**
 * Keeps one live connection for all pages of a customer or of the desk. It begins behind the oldest
 * `sequence` that the shown loaders give, so that nothing is missed between loading and connecting.
 * Give it a `key` per room.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [link, setLink] = useState<LiveLink | null>(null);
  const [messages, setMessages] = useState<readonly LiveMessage[]>([]);
  const oldest = useOldestSequence();
  const [first] = useState(oldest);
  const { revalidate } = useRevalidator();
  const reload = useRef(revalidate);
  useEffect(() => {
    reload.current = revalidate;
  }, [revalidate]);
  useEffect(
    () =>
      openLink(first, {
        onLink: setLink,
        onReload: () => reload.current(),
        onMessages: (heard) => setMessages((known) => [...known, ...heard].slice(-kept)),
      }),
    [first],
  );
  const live = useMemo(() => ({ link, messages }), [link, messages]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
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

/** Loads the page's data again when something happened behind `sequence`; once per event. */
export function useFreshPage(sequence: number, invoiceId: string): readonly LiveMessage[] {
  const heard = useLive(sequence, invoiceId);
  const { revalidate } = useRevalidator();
  const last = heard.at(-1)?.sequence;
  useEffect(() => {
    if (last !== undefined) revalidate();
  }, [last, revalidate]);
  return heard;
}

function useOldestSequence(): number {
  const sequences = useMatches().flatMap(({ data }) => sequenceOf(data) ?? []);
  return Math.min(...sequences);
}

function sequenceOf(data: unknown): number | null {
  if (typeof data !== "object" || data === null || !("sequence" in data)) return null;
  return typeof data.sequence === "number" ? data.sequence : null;
}
