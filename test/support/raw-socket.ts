import { connect, type Socket } from "node:net";
import { livePath } from "#server/live/path.ts";

/** A TCP connection to the portal that says what a client library would not. */
export function openConnection(url: string): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  return socket;
}

/** A WebSocket of a live page by hand, without a session. */
export async function rawSocket(url: string): Promise<Socket> {
  const socket = openConnection(url);
  const lines = [
    `GET ${livePath}/?EIO=4&transport=websocket HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    `Origin: ${url}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
    "Sec-WebSocket-Version: 13",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.resume();
  return socket;
}
