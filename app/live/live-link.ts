import type { io as Connect, Socket } from "socket.io-client";
import type { LiveLink } from "./live-mark.tsx";
import type { CaughtUpNow, LiveMessage } from "#server/live/message.ts";
import { livePath, signedOut } from "#server/live/path.ts";
import { shownPerson } from "#app/access/shown-person.ts";

interface FromServer {
  event(message: LiveMessage): void;
  reload(): void;
  state(state: string): void;
}
interface ToServer {
  "catch-up"(asked: { after: number }, answer: (caughtUp: CaughtUpNow) => void): void;
}
type LiveSocket = Socket<FromServer, ToServer>;

export interface Listeners {
  onLink(link: LiveLink): void;
  onMessages(messages: LiveMessage[]): void;
  /** Of the console: what its pages would show now, as `stateOfConsole` writes it. */
  onState(state: string): void;
  /** Too much was missed, invoices came or went with their customer, or the session ended: load again. */
  onReload(): void;
}

export interface ShownPage {
  /** What it shows is of this place in the ledger. */
  after: number;
  /** Whose it is; null for the desk. */
  customer: string | null;
}

/** Without a link for so long the page says that it is not live. */
const patienceMs = 10_000;

/**
 * Connects for the page's customer and keeps telling what was committed behind it, each event once: the
 * socket may lose messages, so after every (re)connect and on waking up the ledger is asked. Gives what
 * ends it.
 */
export function openLink(io: typeof Connect, page: ShownPage, listeners: Listeners): () => void {
  const socket = connect(io, page);
  let last = page.after;
  let asking = false;
  const clock = createClock();
  const live = () => listeners.onLink({ link: "live", at: clock.hear() });
  const isNew = createSieve(page.after);
  const take = (messages: LiveMessage[]) => {
    const fresh = messages.filter(isNew);
    if (fresh.length > 0) listeners.onMessages(fresh);
    return fresh.length;
  };
  const notLive = () => listeners.onLink({ link: "not_live", at: clock.heardAt() });
  const patience = startPatience(notLive);
  const catchUp = () => {
    if (!socket.connected) return;
    asking = true;
    socket.emit("catch-up", { after: last }, (answer) => {
      asking = false;
      patience.stop();
      clock.set(answer.now);
      const behind = answer.reload ? 0 : take(answer.messages);
      last = answer.head;
      if (answer.reload) listeners.onReload();
      if (behind > 0) listeners.onLink({ link: "catching_up", behind });
      requestAnimationFrame(live);
    });
  };
  const stopWaking = onWaking(() => (socket.connected ? catchUp() : void socket.connect()));
  const stopOffline = onOffline(socket, notLive);
  socket.on("connect", catchUp);
  socket.on("event", (message) => {
    take([message]);
    // While the answer is awaited, what lies between is not known yet.
    if (!asking) last = message.sequence;
    live();
  });
  passOn(socket, listeners);
  const stopRefusals = onRefusal(socket, listeners.onReload);
  socket.on("disconnect", (reason) => {
    asking = false;
    // What was silent for so long has used up the patience.
    if (reason === "ping timeout") notLive();
    else patience.start();
    // The server closed it: the session ended, and the page finds out by loading.
    if (reason === "io server disconnect") listeners.onReload();
  });
  socket.io.on("ping", live);
  return () => {
    for (const stop of [stopWaking, stopOffline, stopRefusals, patience.stop]) stop();
    socket.close();
  };
}

function passOn(socket: LiveSocket, { onReload, onState }: Listeners): void {
  socket.on("reload", onReload);
  socket.on("state", onState);
}

function connect(io: typeof Connect, { customer }: ShownPage): LiveSocket {
  // Where a proxy lets no WebSocket through, polling does.
  const transports = ["websocket", "polling"];
  const auth = { customer, person: shownPerson() };
  return io({ path: livePath, transports, tryAllTransports: true, auth });
}

/** Says when something was last heard, by the portal's clock once that is known. */
function createClock() {
  let ahead = 0;
  let heard = Date.now();
  const heardAt = () => new Date(heard + ahead).toISOString();
  return {
    heardAt,
    hear() {
      heard = Date.now();
      return heardAt();
    },
    set(now: string) {
      ahead = Date.parse(now) - Date.now();
    },
  };
}

/** Ends the connection when the browser says that it has lost its network. Gives what ends it. */
function onOffline(socket: LiveSocket, notLive: () => void): () => void {
  const end = () => {
    // The socket would notice when its next packet is missed.
    socket.io.engine.close();
    notLive();
  };
  window.addEventListener("offline", end);
  return () => window.removeEventListener("offline", end);
}

/** Lets each event behind `after` through once. */
function createSieve(after: number): (message: LiveMessage) => boolean {
  const seen = new Set<number>();
  return ({ sequence }) => {
    if (sequence <= after || seen.has(sequence)) return false;
    seen.add(sequence);
    return true;
  };
}

/**
 * A refused socket does not try again by itself: where the session ended, loading leads to signing in;
 * where the portal failed, that may pass. Gives what ends it.
 */
function onRefusal(socket: LiveSocket, onSignedOut: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  socket.on("connect_error", ({ message }) => {
    if (socket.active) return;
    if (message === signedOut) return onSignedOut();
    timer = setTimeout(() => socket.connect(), patienceMs);
  });
  return () => clearTimeout(timer);
}

/** Runs when the page is seen again, e.g. after the computer slept, or has a network again. Gives what ends it. */
function onWaking(run: () => void): () => void {
  const look = () => {
    if (document.visibilityState === "visible") run();
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("online", look);
  };
}

/** Runs unless it is stopped in time; it begins at once. */
function startPatience(run: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    timer = setTimeout(run, patienceMs);
  };
  start();
  return { start, stop };
}
