import type { IncomingMessage, Server as HttpServer } from "node:http";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import { z } from "zod";
import { inChunks } from "#db/in-chunks.ts";
import { liveSessions } from "#db/queries/live.ts";
import { customersOfMoves, isMove } from "#db/queries/moves.ts";
import { toHeaders } from "#server/http/web-request.ts";
import { sessionValidity } from "#server/access/session-life.ts";
import type { CommittedEvent } from "#server/ledger/committed.ts";
import { peerReader } from "#server/http/peer.ts";
import type { Portal } from "#server/portal-context.ts";
import { watchConsole } from "./console-watch.ts";
import {
  catchUpsPerWindow,
  limitTraffic,
  limitWaiting,
  PatientWebSockets,
  perWindow,
  socketsPerSession,
} from "./limits.ts";
import { CatchUp, type CaughtUp, type CaughtUpNow } from "./message.ts";
import { caughtUp, messagesOf } from "./messages.ts";
import { livePath, signedOut } from "./path.ts";
import { customerRoom, financeRoom, type Seat, seatOf } from "./room.ts";

/** Sockets of a session that ended are closed within this time, and some. */
const recheckMs = 500;

/** What a page is told that opens more links than anybody has tabs; it tries again by itself. */
const tooMany = "too many live links";

type Io = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, { seat?: Seat }>;
type LiveSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, { seat?: Seat }>;

export interface Live {
  /** How many pages are connected now. */
  count(): number;
  close(): Promise<void>;
}

const settings = {
  path: livePath,
  serveClient: false,
  maxHttpBufferSize: 16_384,
  // A network that swallows packets is noticed within their sum.
  pingInterval: 8_000,
  pingTimeout: 7_000,
  connectTimeout: 10_000,
  wsEngine: PatientWebSockets,
};

/**
 * Tells open pages of what was committed. A socket sits in the one room that its page asked for, if its
 * session may, and can ask for nothing but what it missed; only pages of the portal itself may connect.
 */
export function attachLive(http: HttpServer, portal: Portal): Live {
  const io: Io = new Server(http, settings);
  const ownOrigin = originCheck(portal);
  const peerOf = peerReader(portal.config);
  const waiting = limitWaiting(io, (incoming) => peerOf(incoming).remoteAddress);
  limitTraffic(io, http);
  io.engine.use((incoming: IncomingMessage, _answer: unknown, next: (fault?: Error) => void) => {
    if (!ownOrigin(incoming)) return next(new Error("not a page of the portal"));
    const isNew = !/[?&]sid=/.test(incoming.url ?? "");
    next(isNew && !waiting.mayConnect(incoming) ? new Error("too many connections") : undefined);
  });
  io.use((socket, next) => {
    admit(io, portal, socket).then(
      () => {
        waiting.seated(socket.conn);
        next();
      },
      (error: Error) => next(error),
    );
  });
  const watch = watchConsole(portal, roomOfConsole(io));
  io.on("connection", (socket) => {
    welcome(portal, socket);
    if (socket.data.seat?.room === financeRoom) watch.welcome(socket);
  });
  const publisher = startPublishing(io, portal);
  const recheck = setInterval(() => {
    dropEnded(io, portal).catch((error: unknown) =>
      portal.log.error({ err: error }, "sessions of live connections could not be checked"),
    );
  }, recheckMs);
  return {
    count: () => io.of("/").sockets.size,
    async close() {
      clearInterval(recheck);
      publisher.stop();
      watch.stop();
      // Not io.close(): the HTTP server belongs to whoever started it. Nor is anybody dismissed, as when a
      // session ended: pages connect to the next process by themselves.
      io.engine.close();
      await publisher.idle();
      await watch.idle();
    },
  };
}

function roomOfConsole(io: Io) {
  return {
    size: () => io.of("/").adapter.rooms.get(financeRoom)?.size ?? 0,
    tell: (state: string) => void io.to(financeRoom).emit("state", state),
  };
}

/** Gives the socket the seat of its session. Throws with what its page is told when it gets none. */
async function admit(io: Io, portal: Portal, socket: LiveSocket): Promise<void> {
  const seat = await seatOf(portal, toHeaders(socket.request), socket.handshake.auth).catch(
    (error: unknown) => {
      portal.log.error({ err: error }, "a live connection failed");
      throw new Error("failed");
    },
  );
  if (!seat) throw new Error(signedOut);
  if (countOf(io, seat.token) >= socketsPerSession) throw new Error(tooMany);
  socket.data.seat = seat;
}

function welcome(portal: Portal, socket: LiveSocket): void {
  const { seat } = socket.data;
  if (!seat) return void socket.disconnect(true);
  void socket.join(seat.room);
  const isWithin = perWindow(catchUpsPerWindow);
  // One after the other: each reads a page of rows on the thread that answers everybody.
  let last = Promise.resolve();
  socket.on("catch-up", (asked: unknown, answer: unknown) => {
    const read = CatchUp.safeParse(asked);
    const reply = Reply.safeParse(answer);
    if (!read.success || !reply.success) return;
    if (!isWithin()) return void socket.disconnect(true);
    last = last.then(() =>
      caughtUp(portal.db, seat, read.data.after)
        .catch((error: unknown): CaughtUp => {
          portal.log.error({ err: error }, "a page could not catch up");
          return { reload: true, head: read.data.after };
        })
        .then((answered) => reply.data({ ...answered, now: portal.clock().toISOString() })),
    );
  });
}

function countOf(io: Io, token: string): number {
  let count = 0;
  for (const { data } of io.of("/").sockets.values()) if (data.seat?.token === token) count += 1;
  return count;
}

const Reply = z.custom<(answer: CaughtUpNow) => void>((reply) => reply instanceof Function);

/** Whether a request to the socket comes from a page of the portal; a WebSocket must say so. */
function originCheck(portal: Portal): (incoming: IncomingMessage) => boolean {
  const peerOf = peerReader(portal.config);
  const publicOrigin = new URL(portal.config.publicUrl).origin;
  return (incoming) => {
    const { origin, upgrade } = incoming.headers;
    const site = incoming.headers["sec-fetch-site"];
    if (origin !== undefined) return [publicOrigin, peerOf(incoming).origin].includes(origin);
    return upgrade === undefined && (site === undefined || site === "same-origin");
  };
}

/** Collects what is committed in one turn of the event loop and reads its rows together. */
function startPublishing(io: Io, portal: Portal) {
  let waiting: CommittedEvent[] = [];
  let running: Promise<void> | null = null;
  const publishAll = async () => {
    while (waiting.length > 0) await publish(io, portal, waiting.splice(0));
  };
  const unsubscribe = portal.committed.subscribe((events) => {
    if (io.of("/").sockets.size === 0) return;
    waiting.push(...events);
    running ??= publishAll()
      .catch((error: unknown) => portal.log.error({ err: error }, "live pages were not told"))
      .finally(() => {
        running = null;
      });
  });
  return {
    stop() {
      unsubscribe();
      waiting = [];
    },
    idle: async () => running,
  };
}

async function publish(io: Io, portal: Portal, events: CommittedEvent[]): Promise<void> {
  const about = events.flatMap(({ invoice, sequence, type, chain, recordedAt, audience }) =>
    invoice === null
      ? []
      : [{ invoice, sequence, type, chain, at: recordedAt, forCustomer: audience === "customer" }],
  );
  for (const { message, customerId, own } of await messagesOf(portal.db, about)) {
    io.to(financeRoom).emit("event", message);
    if (customerId === null) continue;
    const room = io.to(customerRoom(customerId));
    if (own) room.emit("event", own);
    else if (!isMove(message.type)) room.emit("reload");
  }
  const moves = events.filter(({ type }) => isMove(type)).map(({ sequence }) => sequence);
  if (moves.length === 0) return;
  // What is no longer theirs has to leave their screens, and what is new is in no row of theirs yet.
  for (const customer of await customersOfMoves(portal.db, moves)) {
    io.to(customerRoom(customer)).emit("reload");
  }
}

/** Closes the sockets whose session ended, or whose person no longer belongs to the room. */
async function dropEnded(io: Io, portal: Portal): Promise<void> {
  const sockets = [...io.of("/").sockets.values()];
  const tokens = sockets.flatMap(({ data }) => data.seat?.token ?? []);
  const validity = sessionValidity(new Date());
  const sessions = await inChunks(tokens, (some) => liveSessions(portal.db, some, validity));
  const valid = new Set<string>();
  for (const { token, staffRole, customerId } of sessions) {
    if (staffRole !== null) valid.add(`${token} ${financeRoom}`);
    if (customerId !== null) valid.add(`${token} ${customerRoom(customerId)}`);
  }
  for (const socket of sockets) {
    const { seat } = socket.data;
    if (!seat || !valid.has(`${seat.token} ${seat.room}`)) socket.disconnect(true);
  }
}
