import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Duplex } from "node:stream";
import type { Server } from "socket.io";
import { type ServerOptions, WebSocketServer } from "ws";

/** A page sends a message when it connects, one when it asks what it missed, and an answer to each ping. */
const packetsPerWindow = 40;
const windowMs = 10_000;
/** A page asks once each time that it connects. */
export const catchUpsPerWindow = 5;
/** Somebody with this many open tabs is a program. */
export const socketsPerSession = 50;
/** Connections that have not said who they are: a page does so at once. */
const waitingInAll = 1_000;
const waitingPerAddress = 100;

/** A page sends some hundred bytes when it connects, and some each time that it asks or is asked. */
export const bytesPerWindow = 32_768;

/** Gives a function that says whether one more, or that many, is within `most` of the last ten seconds. */
export function perWindow(most: number, now = () => performance.now()): (more?: number) => boolean {
  let since = now();
  let count = 0;
  return (more = 1) => {
    const at = now();
    if (at - since > windowMs) {
      since = at;
      count = 0;
    }
    count += more;
    return count <= most;
  };
}

/** Handles one frame a turn: else all that came in one read, ten thousand pings, would be one stall. */
export class PatientWebSockets extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({ ...options, allowSynchronousEvents: false });
  }
}

/** Ends connections that send more than any page does. Call it once `ws` listens to `http`. */
export function limitTraffic(io: Pick<Server, "engine">, http: HttpServer): void {
  limitPackets(io);
  limitBytes(http);
}

/** Ends connections that send more packets than any page does, whatever is in them. */
function limitPackets(io: Pick<Server, "engine">): void {
  io.engine.on("connection", (connection) => {
    const isWithin = perWindow(packetsPerWindow);
    connection.on("packet", () => {
      if (isWithin()) return;
      connection.close(true);
      // A WebSocket would otherwise wait for the other side to say goodbye, and read on meanwhile.
      connection.request.socket.destroy();
    });
  });
}

/**
 * Ends WebSockets that send more bytes than any page does: pings and parts of messages cost time, too, and are
 * no packets. A socket flows as soon as somebody listens, so `ws` has to come first.
 */
function limitBytes(http: HttpServer): void {
  http.on("upgrade", (_incoming, socket: Duplex) => {
    const isWithin = perWindow(bytesPerWindow);
    socket.on("data", (chunk: Buffer) => {
      if (!isWithin(chunk.length)) socket.destroy();
    });
  });
}

/**
 * Gives a check for new connections: false when too many wait, in all or from one address, without
 * having said who they are.
 */
export function limitWaiting(
  io: Pick<Server, "engine">,
  addressOf: (incoming: IncomingMessage) => string,
) {
  const waiting = new Map<object, string>();
  io.engine.on("connection", (connection) => {
    waiting.set(connection, addressOf(connection.request));
    connection.once("close", () => waiting.delete(connection));
  });
  return {
    /** Call it once the connection said who it is. */
    seated: (connection: object) => void waiting.delete(connection),
    mayConnect(incoming: IncomingMessage): boolean {
      if (waiting.size >= waitingInAll) return false;
      const address = addressOf(incoming);
      let same = 0;
      for (const other of waiting.values()) if (other === address) same += 1;
      return same < waitingPerAddress;
    },
  };
}
