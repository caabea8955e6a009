import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** No browser and no proxy sends a request before the answer to the last one came. */
export const mostSentAhead = 20;

type Waiting = [incoming: IncomingMessage, outgoing: ServerResponse];

/**
 * Lets the server answer the requests of one connection one after the other, each in a turn of its own: node
 * hands out all that came together, whose work would keep everybody else waiting. A connection that sends
 * more ahead than `mostSentAhead` is closed. Call it after the last listener was added.
 */
export function answerInTurn(server: Server): void {
  const listeners = server.listeners("request");
  server.removeAllListeners("request");
  /** What waits on the connections that are being answered. */
  const lines = new WeakMap<Socket, Waiting[]>();

  function begin(incoming: IncomingMessage, outgoing: ServerResponse, line: Waiting[]): void {
    const { socket } = incoming;
    outgoing.once("close", () => {
      const next = line.shift();
      if (!next) return void lines.delete(socket);
      setImmediate(() => {
        if (!socket.destroyed) begin(...next, line);
      });
    });
    for (const listener of listeners) listener.call(server, incoming, outgoing);
  }

  server.on("request", (incoming, outgoing) => {
    const { socket } = incoming;
    const line = lines.get(socket);
    if (!line) {
      const own: Waiting[] = [];
      lines.set(socket, own);
      return begin(incoming, outgoing, own);
    }
    if (line.length < mostSentAhead) line.push([incoming, outgoing]);
    else socket.destroy();
  });
}
